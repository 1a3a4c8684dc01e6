/**
 * Durations: parsing what users type, and formatting for messages.
 *
 * @module
 */

/** Seconds from `900`, `15m`, `1h`, `1h30m` or `90s`; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const match = /^(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/i.exec(text);
  if (!match || text === "") return undefined;
  const [, hours = "0", minutes = "0", seconds = "0"] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** A time of day in the user's own time zone, with the date if it is not today: `19:04`. */
export function showTime(time: number, now: number): string {
  const [at, today] = [new Date(time), new Date(now)];
  const two = (number: number) => String(number).padStart(2, "0");
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === today.toDateString()) return clock;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`;
}

/** A time span that counts down: `59:09`, `1:30:00`. */
export function showCountdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = two(seconds % 60);
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${two(minutes)}:${rest}`;
}

/** A time span for messages: `59 min`, `1 h 30 min`, `2 d 3 h`, `40 s`. */
export function showSpan(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return `${Math.max(0, seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const [hours, restMinutes] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 24) return restMinutes === 0 ? `${hours} h` : `${hours} h ${restMinutes} min`;
  const [days, restHours] = [Math.floor(hours / 24), hours % 24];
  return restHours === 0 ? `${days} d` : `${days} d ${restHours} h`;
}

/** When credentials expire, for messages: `expires 14:03 (in 59 min)`, in the user's time zone. */
export function showExpiration(expiration: number | undefined, now: number): string {
  if (expiration === undefined) return "expiration unknown";
  return `expires ${showTime(expiration, now)} (in ${showSpan(expiration - now)})`;
}
