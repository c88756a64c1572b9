/** The layers of docs/architecture.md as rules: imports point one way, and the shipped code needs nobody else's. */

/** What every layer shares: the backend interface and the result, which hold no code, and how boxes lie to one another. */
const SHARED = ['backends/backend\\.ts$', 'result\\.ts$', 'boxes\\.ts$'];

/** What each folder of src/ may import beside itself. */
const MAY_IMPORT = {
  errors: [],
  network: ['errors'],
  codec: ['network', 'errors'],
  attention: ['network', 'errors'],
  detection: ['network', 'errors'],
  tracking: ['attention', 'network', 'errors'],
  backends: ['network', 'errors'],
  conditioning: ['errors'],
  session: ['backends', 'codec', 'conditioning', 'attention', 'tracking', 'detection', 'network', 'errors'],
  stream: ['session', 'errors'],
  api: ['stream', 'conditioning', 'network', 'errors'],
};

const layers = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  comment: `src/${folder} imports only ${allowed.join(', ') || 'nothing'} (docs/architecture.md)`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: '^src/',
    pathNot: [
      `^src/${folder}/`,
      ...SHARED.map((path) => `^src/${path}`),
      ...allowed.map((name) => `^src/${name}/`),
      ...(folder === 'api' ? ['^src/session/'] : []),
    ],
  },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'session-is-lazy',
      comment:
        'a page with a worker must not carry the runtime twice: src/api reaches src/session by import()',
      severity: 'error',
      from: { path: '^src/api/' },
      to: { path: '^src/session/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'src-is-the-bottom',
      comment: 'nothing that ships imports training, the command line, benchmarks, the demo or tests',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: '^(train|cli|bench|demo|test|tools)/' },
    },
    {
      name: 'demo-is-a-user',
      comment:
        'the demo takes the package by its name, and beside it only what has no other home: colours, clips, how the benchmark prints and draws',
      severity: 'error',
      from: { path: '^demo/', pathNot: '^demo/vite\\.config\\.mjs$' },
      to: {
        path: '^(src|workers|cli|train|bench|test|tools)/',
        pathNot: [
          '^src/index\\.ts$',
          '^cli/draw/palette\\.ts$',
          '^train/data/motion-jpeg\\.ts$',
          '^bench/output/(cost-chart|format|rows)\\.ts$',
          '^bench/(report|hosts/worker)\\.ts$',
        ],
      },
    },
    {
      name: 'demo-starts-the-bench',
      comment:
        'other runtimes are not in the page: of the benchmark it takes types, and starts the rest in a worker',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: '^bench/(report|hosts/worker)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'below-the-worker',
      comment: 'only src/api starts the worker',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/api/' },
      to: { path: '^workers/' },
    },
    {
      name: 'no-dependency-but-comlink',
      comment: 'the shipped runtime has no dependency save comlink, which is bundled',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: 'node_modules', pathNot: 'node_modules/(comlink|@webgpu/types)/' },
    },
    {
      name: 'no-static-node',
      comment: 'src runs in browsers too: node modules only by import()',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { dependencyTypes: ['core'], dynamic: false },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js'],
    },
  },
};
