// The four flags of the demo: what each does to the page, and the type that its definition has in config/feature_flags.

export interface DemoFlag {
  readonly name: 'dark_mode' | 'holiday_banner' | 'new_layout' | 'fun_fonts'
  readonly does: string
  readonly type: string
}

export const demoFlags: readonly DemoFlag[] = [
  { name: 'dark_mode', does: 'Draws the page in light text on a dark background.', type: 'development' },
  { name: 'holiday_banner', does: 'Shows a greeting above the cards.', type: 'ops' },
  { name: 'new_layout', does: 'Puts the cards into one column, one below the other.', type: 'beta' },
  { name: 'fun_fonts', does: 'Sets the text in a handwritten font of your system.', type: 'experiment' },
]
