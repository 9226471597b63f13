// What SDKs send, in plain integers: a scrape reads them. Nothing in them names a project.

/** What became of a report's body; `taken` is one that could be read. */
export type ReportFate = 'taken' | 'compressed' | 'too_large' | 'not_json'

export class SdkTraffic {
  /** Reports that were answered with 202. */
  readonly reports: Record<ReportFate, number> = { taken: 0, compressed: 0, too_large: 0, not_json: 0 }

  /** Counts one report that was answered with 202. */
  reported(fate: ReportFate): void {
    this.reports[fate] += 1
  }
}
