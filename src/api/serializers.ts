import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
type BuildSerializer = NonNullable<Compilers['buildSerializer']>

const select = SerializerSelector()

/**
 * Fastify's own serializers, each made when its answer is first given: to make all of them takes seconds of CPU, and
 * most are never used.
 */
export const buildSerializer: BuildSerializer = (schemas, options) => {
  const compile = select(schemas, options)
  return (route) => {
    let serialize: ReturnType<typeof compile> | undefined
    return (value) => (serialize ??= compile(route))(value)
  }
}
