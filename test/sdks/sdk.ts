// What the SDKs in these tests have in common: each asks a project's flags of a server, and is asked about them.
import { setTimeout as sleep } from 'node:timers/promises'

export interface SdkQuestion {
  readonly flag: string
  readonly context: SdkContext
}

export interface SdkContext {
  readonly userId?: string
  readonly sessionId?: string
  readonly properties?: Record<string, string>
}

export interface Sdk {
  /** Whether each flag is on; false for a flag that the SDK does not know. */
  answers(questions: readonly SdkQuestion[]): Promise<readonly boolean[]>
  /** Ends it as an application does, after it has sent its counts; what it complained of. */
  end(): Promise<readonly string[]>
}

/** Waits until the SDK knows a change; its interval decides how long. */
export async function untilFlagIs(sdk: Sdk, flag: string, isOn: boolean): Promise<void> {
  const end = performance.now() + 30_000
  for (;;) {
    const [answer] = await sdk.answers([{ flag, context: {} }])
    if (answer === isOn) return
    if (performance.now() > end) throw new Error(`after 30 s ${flag} is still ${answer ? 'on' : 'off'} for the SDK`)
    await sleep(20)
  }
}
