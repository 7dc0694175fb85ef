// Asks the service of this container how it is, and passes its answer on when it is not well.
//   node healthcheck.cjs [ready|live]
const { get } = require('node:http');

const TIMEOUT_MS = 3_000;

const [what = 'ready'] = process.argv.slice(2);
const port = Number(process.env.OTEDAMA_MONITORING_HEALTH_ADDRESS.split(':').at(-1));

const end = (reason) => {
  console.error(reason);
  process.exit(1);
};

const request = get({ host: '127.0.0.1', port, path: `/health/${what}`, timeout: TIMEOUT_MS }, (answer) => {
  if (answer.statusCode === 200) process.exit(0);
  answer.setEncoding('utf8');
  let text = '';
  answer.on('data', (chunk) => (text += chunk));
  answer.on('end', () => end(text));
});
request.on('timeout', () => end(`no answer within ${TIMEOUT_MS} ms`));
request.on('error', ({ message }) => end(message));
