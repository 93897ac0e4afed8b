import { type Static, Type } from 'typebox'
import { type CommandRunnerOptions, createCommandRunner } from './command/command.ts'
import { CommandRunSchema } from './command/schema.ts'
import { type HiveRunnerOptions, HiveRunSchema, checkHive, createHiveRunner } from './hive/hive.ts'
import { type HttpRunnerOptions, HttpRunSchema, createHttpRunner } from './http/http.ts'
import { type ModuleRunnerOptions, ModuleRunSchema, checkModule, createModuleRunner } from './module/module.ts'
import type { BuiltIns } from './module/module-file.ts'
import type { Runner } from './runner.ts'

export type { BuiltIns } from './module/module-file.ts'

export const ExternalRunSchema = Type.Object({
  external: Type.Literal(true, { description: 'Foreign workers take the jobs from the queue themselves' })
}, { additionalProperties: false })

/** The `run` entry of a process: how it is executed. */
export const RunSchema = Type.Union([
  ModuleRunSchema,
  CommandRunSchema,
  HttpRunSchema,
  HiveRunSchema,
  ExternalRunSchema
])

export type Run = Static<typeof RunSchema>

export type RunnerOptions = ModuleRunnerOptions & CommandRunnerOptions & HttpRunnerOptions & HiveRunnerOptions

/** The runner of an entry; undefined where foreign workers run it. */
export const createRunner = (run: Run, options: RunnerOptions): Runner | undefined => {
  if ('module' in run) return createModuleRunner(run, options)
  if ('command' in run) return createCommandRunner(run, options)
  if ('hive' in run) return createHiveRunner(run, options)
  return 'http' in run ? createHttpRunner(run, options) : undefined
}

/** What is wrong with the handler of an entry, or undefined. */
export const checkRun = async (run: Run, lookupsFolder: string, builtIns: BuiltIns): Promise<string | undefined> => {
  if ('module' in run) return await checkModule(run, lookupsFolder, builtIns)
  return 'hive' in run ? checkHive(run) : undefined
}
