//! Tests of the words of the trade: properties that hold for every value, and the codes printed in
//! the standard.

mod dates;

use std::str::FromStr;

use proptest::prelude::*;
use rust_decimal::Decimal;
use yuebao::domain::cell::Cell;
use yuebao::domain::credit_code::{CodeState, examine};
use yuebao::domain::period::Period;
use yuebao::domain::text::{squeeze, tidy};
use yuebao::domain::unit::Unit;

const MONEY: [Unit; 4] =
    [Unit::Yuan, Unit::ThousandYuan, Unit::TenThousandYuan, Unit::HundredMillionYuan];

fn period() -> impl Strategy<Value = Period> {
    (1990..=2099, 1..=12_u32).prop_map(|(year, month)| Period::new(year, month).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn squeezing_twice_changes_nothing(text in any::<String>()) {
        let squeezed = squeeze(&text);
        prop_assert_eq!(squeeze(&squeezed), squeezed);
    }

    #[test]
    fn tidying_twice_changes_nothing(text in any::<String>()) {
        let tidied = tidy(&text);
        prop_assert_eq!(tidy(&tidied), tidied);
    }

    #[test]
    fn squeezing_ignores_white_space(text in "[a-z0-9一-龥]{0,12}", blank in "[ \t\u{3000}\u{a0}\u{feff}]{0,3}") {
        let spaced: String = text.chars().flat_map(|letter| [blank.clone(), letter.to_string()]).collect();
        prop_assert_eq!(squeeze(&spaced), squeeze(&text));
    }

    #[test]
    fn a_period_reads_back_as_printed(period in period()) {
        prop_assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
        prop_assert_eq!(Period::of(period.first_day()), Some(period));
        prop_assert_eq!(Period::of(period.last_day()), Some(period));
    }

    #[test]
    fn the_month_after_is_undone_by_one_before(period in period()) {
        if let Some(next) = period.next() {
            prop_assert!(next > period);
            prop_assert_eq!(next.months_before(1), Some(period));
            prop_assert_eq!(next.first_day().pred_opt(), Some(period.last_day()));
        } else {
            prop_assert_eq!(period.to_string(), "2099-12");
        }
    }

    #[test]
    fn months_before_add_up(period in period(), one in 0..200_u32, two in 0..200_u32) {
        let stepwise = period.months_before(one).and_then(|before| before.months_before(two));
        prop_assert_eq!(stepwise, period.months_before(one + two));
    }

    #[test]
    fn no_text_breaks_a_period(text in any::<String>()) {
        if let Ok(period) = text.parse::<Period>() {
            prop_assert_eq!(period.to_string(), text);
        }
    }

    #[test]
    fn a_cell_reads_back_as_printed(row in 0..1_048_576_u32, column in 0..16_384_u32) {
        let cell = Cell::new(row, column);
        prop_assert_eq!(cell.to_string().parse(), Ok(cell));
    }

    #[test]
    fn no_text_breaks_a_cell(text in "[A-Za-z0-9]{0,12}") {
        if let Ok(cell) = Cell::from_str(&text) {
            prop_assert_eq!(cell.to_string(), text);
        }
    }

    #[test]
    fn a_canonical_value_is_expressed_without_loss(fen in -10_i64.pow(17)..10_i64.pow(17), unit in 0..4_usize) {
        let canonical = Decimal::new(fen, 2);
        let expressed = MONEY[unit].express(canonical);
        prop_assert_eq!(MONEY[unit].canonical(expressed), Some(canonical));
    }

    #[test]
    fn quantities_keep_six_decimals(micro in any::<i64>()) {
        let quantity = Unit::Quantity("吨".to_owned());
        let value = Decimal::new(micro, 6);
        prop_assert_eq!(quantity.canonical(value), Some(value));
    }

    #[test]
    fn a_money_unit_reads_back_by_its_name(unit in 0..4_usize) {
        prop_assert_eq!(Unit::read(MONEY[unit].name()), Some(MONEY[unit].clone()));
    }

    #[test]
    fn a_slip_in_one_character_of_a_code_is_seen(at in 0..17_usize, by in 1..31_usize) {
        const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        let mut letters: Vec<char> = "91350100M000100Y43".chars().collect();
        let value = ALPHABET.find(letters[at]).unwrap();
        letters[at] = ALPHABET.chars().nth((value + by) % 31).unwrap();
        let slipped: String = letters.into_iter().collect();
        prop_assert!(matches!(examine(&slipped), CodeState::WrongCheck(_)), "{slipped}");
    }

    #[test]
    fn no_text_breaks_a_credit_code(text in any::<String>()) {
        let is_plain = text.chars().count() == 18 && text.chars().all(|letter| letter.is_ascii_alphanumeric());
        prop_assert!(is_plain || examine(&text) == CodeState::Malformed);
    }
}

#[test]
fn known_credit_codes() {
    for code in
        ["91350100M000100Y43", "91110000101623741K", "911101066976941872", "91371000613752141X"]
    {
        assert_eq!(examine(code), CodeState::Valid, "{code}");
    }
    assert!(matches!(examine("91350211M0000XUF46"), CodeState::WrongCheck(_)));
    for code in [
        "",
        "9135",
        "91350100M000100Y4",
        "91350100M000100Y433",
        "91350100I000100Y43",
        "91350100m000100y43",
    ] {
        assert_eq!(examine(code), CodeState::Malformed, "{code}");
    }
}

#[test]
fn labels_are_compared_without_width_spacing_and_dashes() {
    assert_eq!(squeeze("表　　号：Ｂ 2 0 4 － 1 表"), squeeze("表号:B204-1表"));
    assert_eq!(squeeze("1——本月"), "1-本月");
    assert_eq!(squeeze("\u{feff}其中\n：\u{200b}出口"), "其中:出口");
    assert_eq!(tidy("　示例 \n 公司　"), "示例 公司");
}

#[test]
fn money_is_rounded_half_away_from_zero_and_bounded() {
    let yuan =
        |text: &str| Unit::Yuan.canonical(text.parse().unwrap()).map(|value| value.to_string());
    assert_eq!(yuan("0.005").as_deref(), Some("0.01"));
    assert_eq!(yuan("-0.005").as_deref(), Some("-0.01"));
    assert_eq!(yuan("2.675").as_deref(), Some("2.68"));
    assert_eq!(yuan("999999999999999999.99").as_deref(), Some("999999999999999999.99"));
    assert_eq!(yuan("999999999999999999.995"), None);
    assert_eq!(Unit::HundredMillionYuan.canonical("10000000000".parse().unwrap()), None);
    assert_eq!(Unit::ThousandYuan.canonical(Decimal::MAX), None);
    let noisy = "73557.53999999999".parse().unwrap();
    assert_eq!(Unit::ThousandYuan.canonical(noisy).unwrap().to_string(), "73557540.00");
}

#[test]
fn units_as_typed() {
    for (typed, unit) in
        [("千元", 1), ("（千元）", 1), ("计量单位：万 元", 2), ("人民币元", 0), ("亿元", 3)]
    {
        assert_eq!(Unit::read(typed), Some(MONEY[unit].clone()), "{typed}");
    }
    for nothing in ["", " ", "-", "——", "/"] {
        assert_eq!(Unit::read(nothing), None, "{nothing}");
    }
    assert_eq!(Unit::read("吨"), Some(Unit::Quantity("吨".to_owned())));
}

#[test]
fn cells_beyond_three_letters_are_none() {
    for text in ["A0", "1", "A", "AAAA1", "a1", "A1B", "", "A01", "A99999999999"] {
        assert_eq!(Cell::from_str(text), Err(()), "{text}");
    }
    assert_eq!("XFD1048576".parse(), Ok(Cell::new(1_048_575, 16_383)));
}
