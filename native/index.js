'use strict';

// Beside this file where `node build.mjs` has built it; else in the package for this platform that npm chose.
const platform = () => {
  if (process.platform === 'win32') return `win32-${process.arch}-msvc`;
  if (process.platform !== 'linux') return `${process.platform}-${process.arch}`;
  // A report with the interfaces of the network asks for their names, and may wait for that.
  process.report.excludeNetwork = true;
  const isMusl = process.report.getReport().header.glibcVersionRuntime === undefined;
  return `linux-${process.arch}-${isMusl ? 'musl' : 'gnu'}`;
};

const load = () => {
  try {
    return require('./otedama.node');
  } catch (error) {
    // One that is there and cannot be loaded must not be hidden by another.
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
  }
  return require(`@otedama/native-${platform()}`);
};

// The typings are index.d.ts. Named one by one, so that an import by name finds them.
const addon = load();

exports.Acceptor = addon.Acceptor;
exports.BlobTemplate = addon.BlobTemplate;
exports.BuildProgress = addon.BuildProgress;
exports.CpuMiner = addon.CpuMiner;
exports.DRAINED = addon.DRAINED;
exports.Dataset = addon.Dataset;
exports.PeerSockets = addon.PeerSockets;
exports.Searcher = addon.Searcher;
exports.ShareVerifier = addon.ShareVerifier;
exports.benchmark = addon.benchmark;
exports.buildDataset = addon.buildDataset;
exports.cpuFeatures = addon.cpuFeatures;
exports.doctor = addon.doctor;
exports.hasNativeSockets = addon.hasNativeSockets;
exports.hash = addon.hash;
exports.hashBlob = addon.hashBlob;
exports.hashSeal = addon.hashSeal;
exports.receiptRoot = addon.receiptRoot;
