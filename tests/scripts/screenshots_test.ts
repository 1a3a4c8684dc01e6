/** Screens rendered from terminal output, and drawn in legible colors. */

import { screenOf, textOf } from "../../scripts/screen.ts";
import { THEMES, toSvg } from "../../scripts/svg.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";

Deno.test("screenOf renders like a terminal", () => {
  const table: [output: string, shown: string][] = [
    ["one\r\ntwo", "one\ntwo"],
    ["abc\rX", "Xbc"],
    ["abc\b\b \b", "a c"],
    ["a\r\nb\r\nc\x1b[2A\rX\x1b[B\rY", "X\nY\nc"],
    ["abcdef\x1b[3G\x1b[K", "ab"],
    ["a\r\nb\r\nc\x1b[H\x1b[J", ""],
    ["before\r\n\x1b[?1049hother\x1b[?1049lafter", "before\nafter"],
    ["0123456789abc", "0123456789\nabc"],
    ["漢字漢字漢字", "漢字漢字漢\n字"],
    ["a\x1b[2Cb", "a  b"],
  ];
  for (const [output, shown] of table) {
    assertEquals(textOf(screenOf(output, 10)), shown, JSON.stringify(output));
  }
  assertEquals(screenOf("\x1b[1ma\x1b[31mb\x1b[22mc\x1b[0md", 10)[0]?.map(({ look }) => look), [
    { bold: true },
    { bold: true, color: 1 },
    { color: 1 },
    {},
  ]);
});

Deno.test("toSvg positions each run of text, and escapes markup", () => {
  const svg = toSvg(screenOf("\x1b[32mok\x1b[39m  <b>&\r\n漢x", 20), 20, THEMES.dark, 'a "b" <c>');
  const texts = [
    ...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]* fill="(#\w+)">(.*?)<\/text>/g),
  ]
    .map(([, x, y, fill, text]) => `${x} ${y} ${fill} ${text}`);
  assertEquals(texts, [
    "16 30 #3fb950 ok",
    "49.6 30 #e6edf3 &lt;b&gt;&amp;",
    "16 50 #e6edf3 漢",
    "32.8 50 #e6edf3 x",
  ]);
  assertMatch(svg, /<title>a "b" &lt;c&gt;<\/title>/);
});

Deno.test("toSvg draws columns in their places in browsers that join spaces", () => {
  const svg = toSvg(screenOf("a b  漢 c\r\n   d    \x1b[32me  f", 20), 20, THEMES.light, "columns");
  const texts = [...svg.matchAll(/<text x="([\d.]+)".*?>(.*?)<\/text>/g)];
  assertEquals(texts.map(([, x, text]) => [(Number(x) - 16) / 8.4, text]), [
    [0, "a b"],
    [5, "漢"],
    [8, "c"],
    [3, "d"],
    [8, "e"],
    [11, "f"],
  ]);
});

/** The relative luminance of WCAG 2. */
function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

Deno.test("the pictures' colors are legible on light and dark backgrounds", () => {
  for (const [name, { background, text, dim, colors }] of Object.entries(THEMES)) {
    for (const color of [text, dim, ...Object.values(colors)]) {
      const [high, low] = [luminance(color), luminance(background)].sort((a, b) => b - a);
      const contrast = (high! + 0.05) / (low! + 0.05);
      assert(contrast >= 4.5, `${name} ${color}: ${contrast.toFixed(2)}`);
    }
  }
});

Deno.test("docs/screenshots.md refers to existing pictures", () => {
  const docs = new URL("../../docs/", import.meta.url);
  const page = Deno.readTextFileSync(new URL("screenshots.md", docs));
  const pictures = [...page.matchAll(/(?:(?:src|srcset)="|\]\()([^")]+)[")]/g)].map(([, path]) =>
    path!
  );
  assert(pictures.length >= 10);
  for (const path of pictures) assert(Deno.statSync(new URL(path, docs)).isFile, path);
});
