/** Whom limits are counted for: the address behind a request, by the share that one subscriber usually has. */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * The client's address. `proxies` is how many proxies of the operator's own stand in front, each of which appended to
 * X-Forwarded-For the address that it was called from; what is further left was written by anybody, and is not looked at.
 */
export function addressOf(request: IncomingMessage, proxies: number): string {
  const direct = request.socket.remoteAddress ?? ''
  if (proxies === 0) return direct
  const header = request.headers['x-forwarded-for']
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',')
  const address = forwarded.at(-proxies)?.trim() ?? ''
  return isIP(address) === 0 ? direct : address
}

/** An IPv4 address, also where it is written as IPv6, or the /64 that an IPv6 address lies in. */
export function shareOf(address: string): string {
  if (isIP(address) !== 6) return address
  const groups = groupsOf(address)
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of a valid IPv6 address (RFC 4291, section 2.2). */
function groupsOf(address: string): number[] {
  const [plain = ''] = address.split('%') // a zone is only ours to know
  const [head = [], tail] = plain.split('::').map((half) => half.split(':').flatMap(groupsOfPart))
  if (!tail) return head
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail]
}

function groupsOfPart(part: string): number[] {
  if (part === '') return []
  if (!part.includes('.')) return [Number.parseInt(part, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}
