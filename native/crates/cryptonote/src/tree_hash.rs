use otedama_keccak::keccak256;
use otedama_primitives::Hash;

/// The root of Monero's tree hash over leaf 0 and its branch, which is on the right at every level.
pub fn fold_tree_branch(leaf: Hash, branch: &[Hash]) -> Hash {
    let mut pair = [0; 64];
    branch.iter().fold(leaf, |node, sibling| {
        pair[..32].copy_from_slice(&node);
        pair[32..].copy_from_slice(sibling);
        keccak256(&pair)
    })
}
