/** The client's side of `/api/ws`, for pages and tools as well: no schema library comes with it. */
export { type LiveDocument, type LivePatch, type LiveValue, applyPatch, diffPatch } from './patch.ts';
export {
  ALERTS_TOPIC,
  BLOCKS_TOPIC,
  type LiveTopic,
  MAX_TOPIC_LENGTH,
  OPERATOR_ALERTS_TOPIC,
  STATUS_TOPIC,
  agentTopic,
  minerTopic,
  needsViewer,
  parseLiveTopic,
  poolTopic,
} from './topics.ts';
export { type LiveChange, LiveGapError, LiveView } from './view.ts';
