/** Which passwords are taken: length and what others would guess, no composition. NIST SP 800-63B, 5.1.1.2 */
import { isCommon } from './common-passwords.ts'

export type PasswordFault = 'passwordShort' | 'passwordLong' | 'passwordCommon' | 'passwordOwn'

/** One spelling for what different keyboards give. */
export const normalisePassword = (text: string): string => text.normalize('NFKC')

/** Undefined when it may be used. `own` are words about the holder: address, names. */
export const passwordFault = (text: string, own: readonly string[]): PasswordFault | undefined => {
  const password = normalisePassword(text)
  const { length } = [...password]
  if (length < 12) return 'passwordShort'
  if (length > 200) return 'passwordLong'
  if (isCommon(password)) return 'passwordCommon'
  const lower = password.toLowerCase()
  const known = own.flatMap((word) => [word, ...word.split(/[@\s]+/)]).map((word) => word.toLowerCase())
  return known.some((word) => word.length > 3 && lower.includes(word)) ? 'passwordOwn' : undefined
}
