/** `scripts/eager_functions.ts`: functions that V8 compiles with their file. */

import { type FunctionRange, withEagerFunctions } from "../../scripts/eager_functions.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

/** The ranges of these texts in the code. */
function ranges(code: string, texts: readonly string[], isCalled = true): FunctionRange[] {
  return texts.map((text) => {
    const start = code.indexOf(text);
    return { start, end: start + text.length, isCalled };
  });
}

Deno.test("a called function is compiled with its file, and the others stay as they are", () => {
  const called = "function a(){return b}";
  const other = "function c(){}";
  const code = `let b=1;${called}${other}export{a,c};`;
  assertEquals(
    withEagerFunctions(code, [...ranges(code, [called]), ...ranges(code, [other], false)]),
    `var a=(function(){return b});let b=1;${other}export{a,c};`,
  );
});

Deno.test("async functions and generators keep their kind", () => {
  const texts = ["async function a(){}", "function*b(){}", "async function*c(){}"];
  const code = texts.join("");
  assertEquals(
    withEagerFunctions(code, ranges(code, texts)),
    "var a=(async function(){}),b=(function*(){}),c=(async function*(){});",
  );
});

Deno.test("only declarations of the top level move: no inner function, expression or method", () => {
  const code = "function a(){function b(){}}let c=function d(){};class E{f(){}}g(()=>1);";
  const inner = ["function b(){}", "function d(){}", "f(){}", "()=>1"];
  assertEquals(
    withEagerFunctions(code, ranges(code, ["function a(){function b(){}}", ...inner])),
    "var a=(function(){function b(){}});let c=function d(){};class E{f(){}}g(()=>1);",
  );
});

Deno.test("code that runs before a function's declaration can still call it", () => {
  const text = "function a(){return 1}";
  const code = `globalThis.eacTest=a();${text}`;
  (0, eval)(withEagerFunctions(code, ranges(code, [text])));
  assertEquals(Reflect.get(globalThis, "eacTest"), 1);
  Reflect.deleteProperty(globalThis, "eacTest");
});

Deno.test("a build whose runs call nothing fails, instead of making a slower program", () => {
  assertThrows(() => withEagerFunctions("function a(){}", []), Error, "no run calls a function");
});
