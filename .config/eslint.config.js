import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The arrows of ARCHITECTURE.md: what each workspace package may import from `@handover/*`.
 * They point down only. A package that is not named here may import none of the others.
 */
const ARROWS = {
  'packages/scenario': [],
  'packages/process': ['scenario'],
  'packages/diagram': ['process', 'scenario'],
  'packages/contracts': [],
  'packages/bus': [],
  'packages/client': ['contracts'],
  'packages/cli': ['client', 'diagram', 'process', 'scenario'],
  'packages/database': [],
  'packages/runtime': ['bus', 'contracts'],
  'packages/testkit': ['database', 'database/embedded'],
  'services/gateway': ['bus', 'contracts', 'database', 'diagram', 'runtime', 'scenario'],
  'services/engine': ['bus', 'contracts', 'database', 'process', 'runtime', 'runtime/egress', 'scenario'],
  'services/auth': ['bus', 'contracts', 'database', 'runtime', 'scenario'],
  'services/notifier': ['bus', 'contracts', 'database', 'runtime', 'runtime/egress'],
  'deploy/local': ['database', 'database/embedded'],
  // Makes the database of an installation; of the services it knows their migrations alone.
  'deploy/setup': [
    'auth/migrations',
    'database',
    'engine/migrations',
    'gateway/migrations',
    'notifier/migrations',
    'runtime',
  ],
  'tests/conformance': ['process', 'scenario'],
  // Beside the platform as its user starts it, the services in one process, each by its entry for that.
  'tests/e2e': [
    'auth/in-process',
    'bus',
    'client',
    'client/amqp',
    'client/http',
    'client/zeromq',
    'contracts',
    'database',
    'engine/in-process',
    'gateway/in-process',
    'notifier/in-process',
    'runtime',
    'testkit',
  ],
  // As e2e, with engines as processes of their own, which are killed.
  'tests/faults': [
    'auth/in-process',
    'bus',
    'contracts',
    'database',
    'engine/migrations',
    'gateway/in-process',
    'notifier/in-process',
    'runtime',
    'testkit',
  ],
  'tests/load': ['bus', 'process', 'scenario', 'testkit'],
};

/** The pure core: no clock, no I/O. Third-party packages it may use; none of them touches the outside world. */
const PURE = {
  'packages/scenario': ['@noble/hashes', 'ajv', 'ajv-formats', 're2js', 'yaml'],
  'packages/process': [],
  'packages/diagram': ['@dagrejs/dagre'],
};

const TESTS = ['**/*.spec.ts', '**/test/**'];

/** A relative path into another package's sources goes round its entry point, and round the arrows. */
const RELATIVE_ESCAPE = {
  regex: '^(\\.\\./)+([\\w-]+/)+(src|dist)/',
  message: 'Another package is imported by its name.',
};

/** @param {readonly string[]} names @returns {object} a pattern that refuses every other `@handover` package and deep imports. */
const onlyHandover = (names) => ({
  regex: `^@handover/(?!(${names.join('|') || '-'})$)`,
  message: `Not an arrow of ARCHITECTURE.md (allowed: ${names.join(', ') || 'none'}). Services are reached over the bus, packages by their entry point.`,
});

const arrows = Object.entries(ARROWS).map(([folder, names]) => ({
  files: [`${folder}/**/*.ts`],
  ignores: TESTS,
  rules: { 'no-restricted-imports': ['error', { patterns: [onlyHandover(names), RELATIVE_ESCAPE] }] },
}));

const pure = Object.entries(PURE).map(([folder, packages]) => ({
  files: [`${folder}/src/**/*.ts`],
  ignores: TESTS,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          onlyHandover(ARROWS[folder]),
          RELATIVE_ESCAPE,
          {
            regex: `^(?!\\.{1,2}/|@handover/|(${packages.join('|') || '-'})(/|$))`,
            message:
              'The core is pure: no node: module, no I/O, no package outside the list in .config/eslint.config.js.',
          },
        ],
      },
    ],
    'no-restricted-globals': [
      'error',
      ...[
        'process',
        'Buffer',
        'fetch',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'require',
        'crypto',
        'performance',
      ].map((name) => ({ name, message: 'The core is pure: clock, ids and I/O are arguments.' })),
    ],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now', message: 'The clock is an argument.' },
      { object: 'Math', property: 'random', message: 'Ids are an argument.' },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.handover/', '.cache/'] },
  js.configs.recommended,
  { files: ['**/*.ts'], extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { project: './.config/tsconfig.json', tsconfigRootDir: `${import.meta.dirname}/..` },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A numeric or enum value in a message reads well in a template; objects are still refused.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A handler may be async by its port's type without awaiting anything itself.
      '@typescript-eslint/require-await': 'off',
      // Type aliases compose (unions, intersections) where interfaces do not; both are used by meaning.
      '@typescript-eslint/consistent-type-definitions': 'off',
      'no-restricted-imports': ['error', { patterns: [RELATIVE_ESCAPE] }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  ...arrows,
  ...pure,
  {
    // Tests may reach for fixtures of any shape and compare them loosely typed.
    files: [...TESTS, 'tests/e2e/src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly', fetch: 'readonly' },
    },
    rules: { 'no-console': 'off' },
  },
  {
    // Command-line programs speak to their user on the terminal.
    files: ['deploy/local/src/**/*.ts', 'tests/*/src/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
