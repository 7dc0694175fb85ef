// What packages load or make as they are loaded, and Otedama needs later or never: 10 to 15 ms of processor time each.
// A package that has changed ends the build here, to be looked at.
const EDITS = [
  {
    // Its log lines have a time, which loads the data of all locales; ours come from pino.
    id: /@nestjs\/common\/services\/console-logger\.service\.js$/,
    changes: [
      ['dateTimeFormatter = new Intl.DateTimeFormat(', 'dateTimeFormatter = () => new Intl.DateTimeFormat('],
      ['return dateTimeFormatter.format(', 'return dateTimeFormatter().format('],
    ],
  },
  {
    // The API speaks HTTP/1.1.
    id: /fastify\/lib\/server\.js$/,
    changes: [
      ["const http2 = require('node:http2')\n", ''],
      ['http2.createSecureServer(', "require('node:http2').createSecureServer("],
      ['http2.createServer(', "require('node:http2').createServer("],
    ],
  },
];

const edited = (code, id, changes) =>
  changes.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`${id} has no longer one: ${from}`);
    return text.replace(from, () => to);
  }, code);

export const lateParts = {
  name: 'late-parts',
  transform: {
    filter: { id: EDITS.map(({ id }) => id) },
    handler(code, id) {
      const edit = EDITS.find((one) => one.id.test(id));
      return edit === undefined ? undefined : { code: edited(code, id, edit.changes) };
    },
  },
};
