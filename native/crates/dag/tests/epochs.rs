use otedama_dag::{ETCHASH, ETHASH, Epoch, KAWPOW, Rules};
use otedama_hash_api::HashError;
use otedama_test_vectors::{Case, cases};

fn epoch(rules: Rules, case: &Case) -> Epoch {
    Epoch::new(rules, case.number("/epoch") as u32).expect("a known epoch")
}

/// Number of the case, whatever integer type it has.
fn number(case: &Case, pointer: &str) -> u64 {
    case.at(pointer).as_u64().unwrap_or_else(|| panic!("{}: {pointer}", case.id()))
}

#[test]
fn ethash_sizes_are_the_published_ones() {
    for case in cases("ethash", "sizes") {
        let epoch = epoch(ETHASH, &case);
        assert_eq!(u64::from(epoch.light_items()), number(&case, "/light_cache_items"), "{}", case.id());
        assert_eq!(u64::from(epoch.dataset_items()), number(&case, "/full_dataset_items"), "{}", case.id());
        assert_eq!(epoch.light_bytes(), number(&case, "/light_cache_size"), "{}", case.id());
        assert_eq!(epoch.dataset_bytes(), number(&case, "/full_dataset_size"), "{}", case.id());
    }
}

#[test]
fn ethash_seeds_lead_there_and_back() {
    for case in cases("ethash", "seed") {
        let epoch = epoch(ETHASH, &case);
        let seed = case.array::<32>("/seed_hash");
        assert_eq!(epoch.seed(), seed, "{}", case.id());
        assert_eq!(Epoch::of_seed(ETHASH, &seed), Some(epoch), "{}", case.id());
    }
}

#[test]
fn kawpow_epochs_are_the_published_ones() {
    for case in cases("kawpow", "epoch") {
        let epoch = epoch(KAWPOW, &case);
        assert_eq!(epoch.seed(), case.array::<32>("/seed_hash"), "{}", case.id());
        assert_eq!(u64::from(epoch.light_items()), number(&case, "/light_cache_items"), "{}", case.id());
        let items = number(&case, "/full_dataset_items_1024");
        assert_eq!(u64::from(epoch.dataset_items()), items, "{}", case.id());
        for height in ["/first_height", "/last_height"] {
            assert_eq!(Epoch::of_block(KAWPOW, number(&case, height)), Ok(epoch), "{}", case.id());
        }
        assert_eq!(epoch.first_block(), number(&case, "/first_height"), "{}", case.id());
    }
}

#[test]
fn etchash_changes_the_length_of_an_epoch_but_not_the_pace_of_seeds() {
    for case in cases("etchash", "epoch") {
        let height = number(&case, "/height");
        let rules = Rules::of_classic(height, number(&case, "/fork_block"));
        let epoch = Epoch::of_block(rules, height).expect("a known epoch");
        assert_eq!(u64::from(epoch.number()), number(&case, "/epoch"), "{}", case.id());
        assert_eq!(u64::from(rules.epoch_blocks), number(&case, "/epoch_length"), "{}", case.id());
        let rounds = u64::from(epoch.number()) * u64::from(rules.seed_rounds);
        assert_eq!(rounds, number(&case, "/seed_iterations"), "{}", case.id());
        assert_eq!(epoch.seed(), case.array::<32>("/seed_hash"), "{}", case.id());
        assert_eq!(epoch.light_bytes(), number(&case, "/light_cache_size"), "{}", case.id());
        assert_eq!(epoch.dataset_bytes(), number(&case, "/full_dataset_size"), "{}", case.id());
    }
}

#[test]
fn etchash_seeds_lead_there_and_back_and_wrong_ones_nowhere() {
    for case in cases("etchash", "seed") {
        let height = number(&case, "/height");
        let rules = Rules::of_classic(height, number(&case, "/fork_block"));
        let epoch = Epoch::of_block(rules, height).expect("a known epoch");
        assert_eq!(u64::from(epoch.number()), number(&case, "/epoch"), "{}", case.id());
        assert_eq!(epoch.seed(), case.array::<32>("/seed_hash"), "{}", case.id());
        assert_eq!(Epoch::of_seed(rules, &epoch.seed()), Some(epoch), "{}", case.id());
        if case.id() == "mordor-seed-issue-234" {
            // One round too many: between the seeds of two Etchash epochs.
            assert_eq!(Epoch::of_seed(ETCHASH, &case.array::<32>("/wrong_seed_hash")), None);
        }
    }
    assert_eq!(Epoch::of_seed(ETHASH, &[1; 32]), None);
}

#[test]
fn epochs_end_at_the_last() {
    let last = u64::from(Epoch::LAST);
    for rules in [ETHASH, ETCHASH, KAWPOW] {
        let epoch = Epoch::new(rules, Epoch::LAST).expect("the last one is known");
        assert!(epoch.dataset_items() < 1 << 31, "item numbers have 31 bits");
        assert_eq!(epoch.next(), None);
        let end = (last + 1) * u64::from(rules.epoch_blocks);
        assert_eq!(Epoch::of_block(rules, end - 1), Ok(epoch));
        let beyond = Err(HashError::UnknownEpoch { epoch: last + 1, last });
        assert_eq!(Epoch::of_block(rules, end), beyond);
        assert_eq!(Epoch::new(rules, Epoch::LAST + 1), beyond);
    }
}
