//! The kernel's list format against a reading that works number by number.

use otedama_memory::parse_number_list;

pub fn run(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let numbers = parse_number_list(text);
    let mut expected = Vec::new();
    for part in text.trim().split(',') {
        let mut ends = part.splitn(2, '-').map(str::parse::<u32>);
        let Some(Ok(first)) = ends.next() else { break };
        let Ok(last) = ends.next().unwrap_or(Ok(first)) else { break };
        if last > 0xffff {
            break;
        }
        let mut number = first;
        while number <= last {
            expected.push(number);
            number += 1;
        }
    }
    assert_eq!(numbers, expected);
}

pub fn seeds() -> Vec<Vec<u8>> {
    ["0-3,8,10-11\n", "0", "0-127", "1,,2", "3-1", "0-65535", "7-4294967295", " 5 , 6"]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
}
