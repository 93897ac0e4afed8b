import { Type, type Static } from 'typebox'
import { timerMs } from '../../base/deadline.ts'
import { namesBlock } from '../../sdk/blocks/kind.ts'

const blockName = (kind: string, usual: string, description: string) =>
  namesBlock(kind, Type.Optional(Type.String({ minLength: 1, default: usual, description })))

/** The parameters of preprocess_consultation_documents: those of its lookup entry with the event's `data` over them. */
export const PreprocessParamsSchema = Type.Object({
  store_dataframes_remotely: Type.Optional(
    Type.Boolean({
      description: 'Whether the file goes to the block `remote_storage` instead of the store of the service'
    })
  ),
  bootstrap_extracted_content: Type.Optional(
    Type.Boolean({ description: 'Whether texts that the newest earlier file has are taken from there' })
  ),
  api: blockName('api_credentials', 'demokratis-api', 'Block of the kind api_credentials; of the operator alone'),
  platform_storage: blockName(
    'object_store',
    'platform-file-storage',
    'Block of the kind object_store with the stored files; of the operator alone'
  ),
  remote_storage: blockName(
    'object_store',
    'remote-dataframe-storage',
    'Block of the kind object_store for the file; of the operator alone'
  ),
  retry_delays_seconds: Type.Optional(
    Type.Array(Type.Number({ minimum: 0, maximum: 3600 }), {
      maxItems: 10,
      description: 'Before the second try of an API request, the third, and so on; 10, 60 and 120 by default'
    })
  ),
  timeout_seconds: Type.Optional(
    Type.Number({ minimum: 0.1, maximum: 3600, description: 'How long the API may be silent; 180 by default' })
  ),
  cache_seconds: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 7 * 86_400,
      description: 'How long answers of the API are used again; 3600 by default'
    })
  ),
  pdf_parallel: Type.Optional(
    Type.Integer({ minimum: 1, description: 'PDFs that are read at once; one per core by default, two at most' })
  ),
  pdf_timeout_seconds: Type.Optional(
    Type.Number({ minimum: 0.1, maximum: 86_400, description: 'For one PDF; 120 by default' })
  ),
  pdf_memory_mb: Type.Optional(
    Type.Integer({ minimum: 128, maximum: 65_536, description: 'Of the process that reads a PDF; 1024 by default' })
  ),
  pdf_max_mb: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 4096, description: 'A PDF that is larger is not read; 256 by default' })
  )
})

/** The event of preprocess_consultation_documents. */
export const PreprocessEventSchema = Type.Object({
  data: Type.Object({
    ...PreprocessParamsSchema.properties,
    tick: Type.Optional(Type.String({ description: 'Set by a schedule' }))
  }, { additionalProperties: false })
})

/** An event chooses no block: it would choose whose password is used and where files go. */
export const OPERATORS_OWN = ['api', 'platform_storage', 'remote_storage']

export type PreprocessParams = Static<typeof PreprocessParamsSchema>

const MEGABYTE = 1024 * 1024
const RETRY_DELAYS_SECONDS = [10, 60, 120]

/** The parameters with what stands where none is given. Times are milliseconds. */
export function readPreprocessParams (params: PreprocessParams, cores: number) {
  return {
    isRemote: params.store_dataframes_remotely ?? false,
    isBootstrapped: params.bootstrap_extracted_content ?? true,
    api: params.api ?? 'demokratis-api-credentials',
    platformStorage: params.platform_storage ?? 'platform-file-storage',
    remoteStorage: params.remote_storage ?? 'remote-dataframe-storage',
    retryDelaysMs: (params.retry_delays_seconds ?? RETRY_DELAYS_SECONDS).map((seconds) => seconds * 1000),
    timeoutMs: timerMs((params.timeout_seconds ?? 180) * 1000),
    cacheMs: (params.cache_seconds ?? 3600) * 1000,
    parallel: Math.min(params.pdf_parallel ?? cores, 2 * cores),
    pdf: {
      timeoutMs: (params.pdf_timeout_seconds ?? 120) * 1000,
      memoryMb: params.pdf_memory_mb ?? 1024,
      maxBytes: (params.pdf_max_mb ?? 256) * MEGABYTE
    }
  }
}

export type PreprocessSettings = ReturnType<typeof readPreprocessParams>
