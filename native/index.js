'use strict';

// Built by `node build.mjs`; the typings are index.d.ts. Named one by one, so that an import by name finds them.
const addon = require('./otedama.node');

exports.BlobTemplate = addon.BlobTemplate;
exports.BuildProgress = addon.BuildProgress;
exports.CpuMiner = addon.CpuMiner;
exports.Dataset = addon.Dataset;
exports.Searcher = addon.Searcher;
exports.ShareVerifier = addon.ShareVerifier;
exports.benchmark = addon.benchmark;
exports.buildDataset = addon.buildDataset;
exports.cpuFeatures = addon.cpuFeatures;
exports.doctor = addon.doctor;
exports.hash = addon.hash;
exports.hashBlob = addon.hashBlob;
exports.hashSeal = addon.hashSeal;
exports.receiptRoot = addon.receiptRoot;
exports.sendEach = addon.sendEach;
