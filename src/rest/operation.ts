/** What an operation is: http://hl7.org/fhir/R4/operations.html */
import type { Ctx } from '../access/ctx.ts'
import type { JsonText } from '../fhir/json/read.ts'
import type { JsonObject, JsonValue } from '../fhir/json/value.ts'
import type { House } from './house.ts'
import type { Reply } from './reply.ts'
import type { Body } from './request.ts'

/**
 * One parameter of an operation. `type` is a data type, a resource type, `Element` for any data type, `Resource` for
 * any resource; absent when the parameter has parts only. `min` is 0 and `max` 1 unless said otherwise.
 */
export type InputShape = {
  readonly type?: string
  readonly min?: number
  readonly max?: number
  readonly part?: Readonly<Record<string, InputShape>>
}

/** A parameter as it came: a value, a resource or parts. */
export type Input = {
  readonly name: string
  /** The member that had the value: `valueCoding`. Of a query string the one that the declared type has. */
  readonly member?: string
  readonly value?: JsonValue
  readonly resource?: JsonText
  /** Where in the body the resource stands. */
  readonly within?: readonly string[]
  readonly part?: readonly Input[]
}

/** What an operation is called with, checked against its declared input. */
export type OperationCall = {
  readonly type?: string
  readonly id?: string
  readonly inputs: readonly Input[]
  /** What was sent. */
  readonly body?: Body
  /** `Prefer: handling=lenient`. */
  readonly lenient: boolean
  /** The value of a parameter, absent when it was not given. */
  one<T extends JsonValue = JsonValue>(name: string): T | undefined
  /** The values of a parameter that may be repeated. */
  all<T extends JsonValue = JsonValue>(name: string): readonly T[]
  /** The resource that a parameter is. */
  resource(name: string): JsonText | undefined
}

export type OperationLevel = 'system' | 'type' | 'instance'

export type Operation = {
  readonly kind: 'operation'
  /** Without the `$`. */
  readonly code: string
  /** Canonical URL of its OperationDefinition. */
  readonly url: string
  readonly on: readonly OperationLevel[]
  /** Resource types; `Resource` stands for all; none for an operation of the system only. */
  readonly types: readonly string[]
  /** GET is for operations that change nothing. */
  readonly affectsState: boolean
  /** Whether its answer tells of all resources of a type or of the server, whoever asks. */
  readonly tellsOfAll?: boolean
  /** Whether it judges by itself who may call it. */
  readonly open?: boolean
  readonly input: Readonly<Record<string, InputShape>>
  /** Throws a `Problem` to refuse. */
  readonly run: (house: House, ctx: Ctx, call: OperationCall) => Reply | Promise<Reply>
}

/** Gives a file's operation its type. */
export const defineOperation = (operation: Omit<Operation, 'kind'>): Operation => ({
  kind: 'operation',
  ...operation,
})

/** 200 with a resource that was made for the answer. */
export const resourceReply = (resource: JsonObject | { readonly resourceType: string }): Reply => ({
  status: 200,
  resourceType: String(resource.resourceType),
  body: [JSON.stringify(resource)],
})

/** Whether the operation can be called on a type. */
export const isOfferedOn = ({ types }: Pick<Operation, 'types'>, type: string): boolean =>
  types.includes(type) || types.includes('Resource')
