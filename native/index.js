'use strict';

// Built by `node build.mjs`; the typings are index.d.ts.
module.exports = require('./otedama.node');
