/** What the readers of XML tell about tags; the parser's own tags have this form too. */
/** Elements inside each other, XHTML included. */
export const mostDepth = 200

export type Attribute = {
  readonly name: string
  readonly prefix: string
  readonly uri: string
  readonly value: string
}

export type Tag = {
  readonly name: string
  readonly local: string
  readonly prefix: string
  readonly uri: string
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly isSelfClosing: boolean
}

/** `position` is behind the tag. An element without content is entered and left. */
export type Listener = {
  enter(tag: Tag, position: number): void
  leave(position: number): void
}
