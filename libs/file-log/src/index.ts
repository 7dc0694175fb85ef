export { type FileLog, type FileLogOptions, openFileLog } from './file-log.ts';
export { type InheritedEntries, type InheritedEntry, inheritLog } from './inherit.ts';
export { createLogReader } from './log-reader.ts';
