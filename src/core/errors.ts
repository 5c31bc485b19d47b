/** The one error that users of the store meet: a code to branch on, and a message that names the limit or the place. */
export type KvErrorCode =
  | 'bad-key'
  | 'bad-value'
  | 'bad-option'
  | 'bad-snapshot'
  | 'newer-version'
  | 'too-large'
  | 'not-saved'
  | 'cancelled'
  | 'closed'

/** A bound that was passed, for those who say it in words of their own. */
export interface PassedLimit {
  readonly of: 'key bytes' | 'value bytes' | 'value levels' | 'file bytes' | 'room code bytes'
  readonly most: number
  /** Where in what was given, unless it is the whole. */
  readonly place?: string | undefined
}

interface KvErrorOptions extends ErrorOptions {
  readonly limit?: PassedLimit
}

export class KvError extends Error {
  override readonly name = 'KvError'
  readonly limit: PassedLimit | undefined
  constructor(
    readonly code: KvErrorCode,
    message: string,
    options: KvErrorOptions = {},
  ) {
    super(message, options)
    this.limit = options.limit
  }
}
