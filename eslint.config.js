import neostandard from 'neostandard'

export default [
  { ignores: ['dist/', 'dist-bench/', 'var/', 'node_modules/', '.tap/', 'openapi/', 'examples/starter/'] },
  ...neostandard({ ts: true }),
  {
    rules: {
      // `void` says that a promise is left to itself on purpose.
      'no-void': ['error', { allowAsStatement: true }]
    }
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error'
    }
  },
  {
    // In tests tap keeps track of the promises of `t.test`.
    files: ['src/**/*.ts', 'src/**/*.tsx', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'error' }
  },
  {
    // Addresses, regular expressions and texts apart.
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: {
      'max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true, ignoreStrings: true, ignoreTemplateLiterals: true }]
    }
  },
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    rules: {
      'max-lines': ['error', { max: 250 }]
    }
  }
]
