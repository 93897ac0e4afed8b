/** The server that keeps models. A kind of block is JSON Schema; `writeOnly` marks what is shown to nobody. */
export default {
  kind: 'mlflow_credentials',
  description: 'An MLflow server with user and password (HTTP Basic)',
  schema: {
    type: 'object',
    required: ['tracking_uri', 'username', 'password'],
    additionalProperties: false,
    properties: {
      tracking_uri: { type: 'string', pattern: '^https?://' },
      username: { type: 'string', minLength: 1 },
      password: { type: 'string', minLength: 1, writeOnly: true }
    }
  },
  env: { tracking_uri: 'TRACKING_URI', username: 'TRACKING_USERNAME', password: 'TRACKING_PASSWORD' }
}
