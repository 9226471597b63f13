// Attributes of HTML that Vue's types do not have yet.
declare module 'vue' {
  interface HTMLAttributes {
    popover?: 'auto' | 'manual'
  }
  interface ButtonHTMLAttributes {
    popovertarget?: string
  }
}

export {}
