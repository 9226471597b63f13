// Times as a person reads them: how long ago, on this machine's clock and zone; the title of each has UTC.
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

// By hand: the first date that a browser formats takes it longer than it takes to draw twenty rows of a list.
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const twoDigits = (value: number) => String(value).padStart(2, '0')

/** `25 Nov`. */
function dayAndMonth(at: Date): string {
  return `${at.getDate()} ${months[at.getMonth()]?.slice(0, 3)}`
}

/** `just now`, `5 min ago`, `2 h ago`, `41 d ago`, then the day. A time that lies ahead is a clock that differs: `just now`. */
export function ago(at: number, now: number): string {
  const passed = now - at
  if (passed < minuteMs) return 'just now'
  if (passed < hourMs) return `${Math.floor(passed / minuteMs)} min ago`
  if (passed < dayMs) return `${Math.floor(passed / hourMs)} h ago`
  if (passed < 100 * dayMs) return `${Math.floor(passed / dayMs)} d ago`
  const day = new Date(at)
  const isThisYear = day.getFullYear() === new Date(now).getFullYear()
  return isThisYear ? dayAndMonth(day) : `${dayAndMonth(day)} ${day.getFullYear()}`
}

/** `3 s`, `5 min`, `2 h`, `4 d`. */
export function duration(ms: number): string {
  if (ms < minuteMs) return `${Math.max(0, Math.round(ms / 1_000))} s`
  if (ms < hourMs) return `${Math.round(ms / minuteMs)} min`
  if (ms < 2 * dayMs) return `${Math.round(ms / hourMs)} h`
  return `${Math.round(ms / dayMs)} d`
}

/** `25 Nov 2026, 14:02:11`. */
export function dayAndTime(at: number): string {
  const day = new Date(at)
  return `${dayAndMonth(day)} ${day.getFullYear()}, ${timeOfDay(at)}`
}

/** `14:02:11`. */
export function timeOfDay(at: number): string {
  const time = new Date(at)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':')
}

/** `Wednesday, 25 November 2026`. */
export function dayHeading(at: number): string {
  const day = new Date(at)
  return `${weekdays[day.getDay()]}, ${day.getDate()} ${months[day.getMonth()]} ${day.getFullYear()}`
}

/** `2026-11-25 14:02:31 UTC`. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Milliseconds of an ISO time; null where it is none. */
export function parseTime(text: string | null | undefined): number | null {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? null : at
}
