/** What a block has earned may be known only from the chain: its credit is then taken back, and made anew. */
export const revaluedBlocks = `
ALTER TABLE journal_entry
  DROP CONSTRAINT journal_entry_kind_check,
  ADD CONSTRAINT journal_entry_kind_check CHECK (kind IN (
    'block_credited', 'block_matured', 'block_orphaned', 'block_unmatured', 'block_revalued'
  ));
`;
