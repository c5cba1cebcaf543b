/** Finds the operation that a request calls, and runs it: http://hl7.org/fhir/R4/operations.html */
import type { Ctx } from '../access/ctx.ts'
import { nearest } from '../base/nearest.ts'
import { invalid, methodNotAllowed, notFound, unsupported } from '../base/problem.ts'
import type { House } from './house.ts'
import { isOfferedOn, type Operation, type OperationLevel } from './operation.ts'
import { readCall } from './operation-call.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'

const levelOf = ({ type, id }: Request): OperationLevel =>
  id !== undefined ? 'instance' : type !== undefined ? 'type' : 'system'

const isCalled = (operation: Operation, request: Request): boolean => {
  const level = levelOf(request)
  return operation.on.includes(level) && (level === 'system' || isOfferedOn(operation, request.type ?? ''))
}

/** `ValueSet/$expand`, `ValueSet/[id]/$expand`. */
const placesOf = ({ on, types, code }: Operation): string[] =>
  on.flatMap((level) => {
    if (level === 'system') return [`/$${code}`]
    const names = types.includes('Resource') ? ['[type]'] : types
    return names.map((type) => (level === 'type' ? `/${type}/$${code}` : `/${type}/[id]/$${code}`))
  })

/** Throws 404 for what is no operation and 400 for one that is offered elsewhere. */
const operationOf = (operations: readonly Operation[], request: Request): Operation => {
  const { operation: code = '' } = request
  const named = operations.filter((operation) => operation.code === code)
  const found = named.find((operation) => isCalled(operation, request))
  if (found) return found
  if (named.length > 0)
    throw invalid(`$${code} is not offered here, but at ${named.flatMap(placesOf).join(' and ')}.`)
  const meant = nearest(code, new Set(operations.map((operation) => operation.code)))
  const hint = meant ? ` Did you mean $${meant}?` : ''
  throw notFound(`The operation $${code.slice(0, 64)} is not offered by this server.${hint}`)
}

/** Throws 400 for an operation that changes something: a transaction could not take it back. */
export const refuseChange = ({ operations }: House, request: Request): void => {
  const { affectsState, code } = operationOf(operations, request)
  if (affectsState)
    throw unsupported(
      `$${code} changes what is stored and cannot be part of a transaction; call it on its own.`,
    )
}

/** Throws 405 when a GET would change something. */
export const performOperation = async (house: House, ctx: Ctx, request: Request): Promise<Reply> => {
  const operation = operationOf(house.operations, request)
  if (operation.affectsState && !request.posted)
    throw methodNotAllowed(`$${operation.code} changes what is stored; call it with POST.`)
  return operation.run(house, ctx, readCall(house, operation, request))
}
