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

export class KvError extends Error {
  override readonly name = 'KvError'
  constructor(
    readonly code: KvErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
