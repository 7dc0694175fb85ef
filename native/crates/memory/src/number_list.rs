/// The kernel's list format: `0-3,8,10-11`. Nothing from the first malformed part on.
pub fn parse_number_list(text: &str) -> Vec<u32> {
    /// More processors than any kernel has; a broken file must not fill memory.
    const LIMIT: u32 = 1 << 16;
    let mut numbers = Vec::new();
    for part in text.trim().split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else { break };
        if last >= LIMIT {
            break;
        }
        numbers.extend(first..=last);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::parse_number_list;

    #[test]
    fn reads_ranges_and_single_numbers() {
        assert_eq!(parse_number_list("0-3,8,10-11\n"), [0, 1, 2, 3, 8, 10, 11]);
        assert_eq!(parse_number_list("5"), [5]);
    }

    #[test]
    fn is_empty_for_an_empty_file_and_ends_at_nonsense() {
        assert!(parse_number_list("\n").is_empty());
        assert_eq!(parse_number_list("1,x,3"), [1]);
        assert_eq!(parse_number_list("1,0-4294967295"), [1]);
        assert!(parse_number_list("3-1").is_empty());
    }
}
