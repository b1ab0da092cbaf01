//! A district from a seed: firms with their fates, works, deadlines; and its seeds as CSV.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::chance::Chance;
use super::goals;
use super::months::{DAY, Month, begins, label, month, number, written};
use super::tally::Happening;
use super::tally::Kinds;
use super::town::{FormNo, Link, LinkKind, Stay, Town};
use super::works::Works;

/// Keys of zones.csv and chains.csv; none for some.
pub(super) const ZONES: [&str; 3] = ["green", "haoyue", ""];
pub(super) const CHAINS: [&str; 3] = ["rail", "auto", ""];
/// Industries of three divisions.
const INDUSTRIES: [&str; 4] = ["3714", "3720", "3670", "1353"];

/// A credit code with the check character of GB 32100-2015.
pub(super) fn credit_code(number: usize) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let stem = format!("91220106MA7{number:06}");
    let values = stem.chars().map(|letter| ALPHABET.find(letter).unwrap());
    let sum: usize = values.zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    let check = ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap();
    format!("{stem}{check}")
}

/// Founds a district.
pub(super) fn found(seed: u64, kinds: &Kinds) -> Town {
    let chance = Chance::new(seed);
    let mut dice = chance.fork(&[1]);
    // The last month is often the one whose deadline has just passed, or has not.
    let last = month(2025, 12) - dice.weighed(&[(6, 0), (1, 1), (1, 4), (1, 9)]);
    let first = last + 1 - i32::try_from(dice.between(14, 26)).unwrap();
    let since = (kinds.has(Happening::Since) && dice.often(35))
        .then(|| first + i32::try_from(dice.between(2, 6)).unwrap());
    let town = Town {
        first,
        last,
        firms: BTreeMap::new(),
        links: Vec::new(),
        works: Vec::new(),
        deadlines: deadlines(&mut chance.fork(&[2]), (first, last), kinds),
        since,
        goals: Vec::new(),
        exports_bear_base: !(kinds.has(Happening::ExportWithoutBase) && dice.often(40)),
        ly02_bears_base: !(kinds.has(Happening::FormWithoutBase) && dice.often(35)),
    };
    let mut founder = Founder { town, kinds, next: 0, leading: 0 };
    let firms = dice.between(4, 9);
    for place in 0..firms {
        founder.settle(&mut chance.fork(&[3, place]));
    }
    for place in 0..firms {
        founder.merge(&mut chance.fork(&[4, place]));
    }
    let codes: Vec<String> = founder.town.firms.keys().cloned().collect();
    for (place, works) in founder.town.works.iter_mut().enumerate() {
        let mut dice = chance.fork(&[5, i64::try_from(place).unwrap()]);
        // One buyer is always somebody else, from outside.
        works.buyers.push((credit_code(900_000 + place), 300));
        for _ in 0..dice.between(0, 2) {
            let buyer = dice.pick(&codes);
            if works.buyers.iter().all(|(known, _)| *known != buyer) {
                works.buyers.push((buyer, dice.between(100, 350)));
            }
        }
    }
    let mut town = founder.town;
    town.goals = goals::set(&town, &chance.fork(&[6]));
    town
}

fn deadlines(
    dice: &mut Chance,
    (first, last): (Month, Month),
    kinds: &Kinds,
) -> BTreeMap<(FormNo, Month), i64> {
    let mut deadlines = BTreeMap::new();
    for form in FormNo::ALL {
        for month in (first..=last).filter(|month| number(*month) != 1) {
            let day = dice.weighed(&[(5, 6), (3, 9), (1, 19)]);
            let is_left_out = kinds.has(Happening::NoDeadline) && dice.often(3) && month > first;
            if !is_left_out {
                deadlines.insert((form, month), begins(month + 1) + day * DAY + DAY / 2);
            }
        }
    }
    deadlines
}

struct Founder<'a> {
    town: Town,
    kinds: &'a Kinds,
    next: usize,
    leading: usize,
}

impl Founder<'_> {
    fn code(&mut self) -> String {
        self.next += 1;
        credit_code(self.next)
    }

    fn name(&self, word: &str) -> String {
        format!("示例{word}{}有限公司", self.next)
    }

    /// A firm, its works and its fate.
    fn settle(&mut self, dice: &mut Chance) {
        let (first, last) = (self.town.first, self.town.last);
        let code = self.code();
        let industry = dice.pick(&INDUSTRIES);
        let mut works = Works::new(dice, industry, (first, last));
        if dice.often(35) {
            works.second = Some((dice.pick(&INDUSTRIES), dice.between(100, 400)))
                .filter(|(second, _)| *second != industry);
        }
        works.owners.push((first - 30, code.clone()));
        let mut stay = self.first_stay(dice, industry);
        if self.kinds.has(Happening::Revenue) && dice.often(60) {
            let year: i64 = (first - 12..first).map(|month| works.figures(month)[0]).sum();
            stay.revenue = Some(year);
        }
        let at = first + i32::try_from(dice.between(2, i64::from(last - first - 2))).unwrap();
        let fates = [
            (22, None),
            (16, Some(Happening::Move)),
            (9, Some(Happening::Entry)),
            (9, Some(Happening::ExitKeep)),
            (9, Some(Happening::ExitDrop)),
            (14, Some(Happening::Reentry)),
            (13, Some(Happening::CodeChange)),
            (8, Some(Happening::Split)),
            (6, Some(Happening::Base)),
        ];
        let fate = dice.weighed(&fates).filter(|fate| self.kinds.has(*fate));
        let mut stays = vec![stay];
        match fate {
            Some(Happening::Move) => self.moved(dice, &mut stays, at),
            Some(Happening::Entry) => stays[0].from = at,
            Some(Happening::ExitKeep | Happening::ExitDrop) => {
                stays[0].to = Some(at);
                stays[0].keeps_base = fate == Some(Happening::ExitKeep);
            }
            Some(Happening::Reentry) => {
                stays[0].to = Some(at);
                let back = at + 2 + i32::try_from(dice.between(0, 6)).unwrap();
                let again =
                    Stay { from: back, to: None, zone: dice.pick(&ZONES), ..stays[0].clone() };
                stays.extend((back <= last).then_some(again));
            }
            Some(Happening::CodeChange) => self.change_code(&mut stays, &mut works, at),
            Some(Happening::Split) => self.split(dice, &stays[0], at),
            Some(Happening::Base) => self.link(&code, at, LinkKind::Base, None),
            _ => {}
        }
        self.town.firms.insert(code, stays);
        self.town.works.push(works);
    }

    fn first_stay(&mut self, dice: &mut Chance, industry: &'static str) -> Stay {
        let is_leading = self.leading < 2 && dice.often(25);
        self.leading += usize::from(is_leading);
        let mut forms = vec![FormNo::B204];
        if self.kinds.has(Happening::Ly01) && dice.often(40) {
            forms.push(FormNo::Ly01);
        }
        if self.kinds.has(Happening::Ly02) && (is_leading || dice.often(10)) {
            forms.push(FormNo::Ly02);
        }
        Stay {
            from: dice.pick(&[month(2020, 1), self.town.first, month(2019, 5)]),
            to: None,
            name: self.name("厂"),
            zone: dice.pick(&ZONES),
            chain: dice.pick(&CHAINS),
            industry,
            size: dice.between(1, 4),
            is_leading,
            keeps_base: dice.often(50),
            forms,
            revenue: None,
        }
    }

    fn moved(&mut self, dice: &mut Chance, stays: &mut Vec<Stay>, at: Month) {
        let mut next = Stay { from: at, ..stays[0].clone() };
        stays[0].to = Some(at - 1);
        next.zone = dice.pick(&ZONES);
        next.chain = dice.pick(&CHAINS);
        if dice.often(40) {
            next.size = dice.between(1, 4);
        }
        if dice.often(30) {
            next.name = self.name("新厂");
        }
        if dice.often(15) {
            next.is_leading = !next.is_leading;
        }
        stays.push(next);
    }

    fn link(&mut self, code: &str, month: Month, kind: LinkKind, predecessor: Option<&str>) {
        let predecessor = predecessor.map(str::to_owned);
        self.town.links.push(Link { code: code.to_owned(), month, kind, predecessor });
    }

    fn change_code(&mut self, stays: &mut [Stay], works: &mut Works, at: Month) {
        let (_, old) = works.owners[0].clone();
        let code = self.code();
        stays[0].to = Some(at - 1);
        let heir = Stay { from: at, to: None, name: self.name("更名厂"), ..stays[0].clone() };
        works.owners.push((at, code.clone()));
        self.link(&code, at, LinkKind::CodeChange, Some(&old));
        self.town.firms.insert(code, vec![heir]);
    }

    /// Some works of a firm become one of their own; both state a new base.
    fn split(&mut self, dice: &mut Chance, stay: &Stay, at: Month) {
        let old = credit_code(self.next);
        let code = self.code();
        let industry = dice.pick(&INDUSTRIES);
        let mut works = Works::new(dice, industry, (self.town.first, self.town.last));
        works.owners = vec![(self.town.first - 30, old.clone()), (at, code.clone())];
        let part = Stay {
            from: at,
            name: self.name("分厂"),
            industry,
            is_leading: false,
            forms: vec![FormNo::B204],
            ..stay.clone()
        };
        self.link(&code, at, LinkKind::Split, Some(&old));
        self.link(&old, at, LinkKind::Base, None);
        self.town.works.push(works);
        self.town.firms.insert(code, vec![part]);
    }

    /// Lets a firm whose only stay is open take over another such one.
    fn merge(&mut self, dice: &mut Chance) {
        let is_plain = |code: &str, town: &Town| {
            let is_linked =
                |link: &Link| link.code == code || link.predecessor.as_deref() == Some(code);
            let stays = &town.firms[code];
            stays.len() == 1 && stays[0].to.is_none() && !town.links.iter().any(is_linked)
        };
        let town = &self.town;
        let plain: Vec<String> =
            town.firms.keys().filter(|code| is_plain(code, town)).cloned().collect();
        let is_due = self.kinds.has(Happening::Merger) && dice.often(30);
        let [heir, .., older] = plain.as_slice() else { return };
        if !is_due || plain.len() < 3 {
            return;
        }
        let earliest = town.firms[heir][0].from.max(town.firms[older][0].from).max(town.first) + 2;
        if earliest >= town.last {
            return;
        }
        let at = i32::try_from(dice.between(i64::from(earliest), i64::from(town.last))).unwrap();
        let forms = town.firms[heir][0].forms.clone();
        let stay = &mut self.town.firms.get_mut(older).unwrap()[0];
        (stay.to, stay.forms) = (Some(at - 1), forms);
        for works in self.town.works.iter_mut().filter(|works| works.owners[0].1 == *older) {
            works.owners.push((at, heir.clone()));
        }
        let (heir, older) = (heir.clone(), older.clone());
        self.link(&heir, at, LinkKind::Merger, Some(&older));
    }
}

/// The seeds of the district, by file.
pub(super) fn seeds(town: &Town) -> Vec<(&'static str, String)> {
    let mut firms = "credit_code,name,zone,chain,industry_code,size_class,is_leading,roster_from,roster_to,base_rule,forms,annual_revenue_cny,contact\n".to_owned();
    for (code, stays) in &town.firms {
        for stay in stays {
            let forms: Vec<&str> = stay.forms.iter().map(|form| form.text()).collect();
            let (from, to) = (label(stay.from), stay.to.map(label).unwrap_or_default());
            let rule = if stay.keeps_base { "keep" } else { "drop" };
            let Stay { name, zone, chain, industry, size, is_leading, .. } = stay;
            let forms = forms.join(";");
            let revenue = stay.revenue.map(|yuan| yuan.to_string()).unwrap_or_default();
            writeln!(
                firms,
                "{code},{name},{zone},{chain},{industry},{size},{is_leading},{from},{to},{rule},{forms},{revenue},"
            )
            .unwrap();
        }
    }
    let mut calendar = "form,period,deadline\n".to_owned();
    for ((form, month), at) in &town.deadlines {
        writeln!(calendar, "{},{},{}", form.text(), label(*month), written(*at)).unwrap();
    }
    let mut seeds = vec![
        ("firms.csv", firms),
        ("calendar.csv", calendar),
        ("targets.csv", goals::seed(&town.goals)),
        ("zones.csv", "zone,name_zh,name_en\ngreen,绿园区,Green\nhaoyue,皓月园,Haoyue\n".to_owned()),
        ("chains.csv", "chain,name_zh,name_en\nauto,汽车,Auto\nrail,轨道,Rail\n".to_owned()),
        (
            "industries.csv",
            "industry_code,name_zh,section\n1353,肉制品,C\n3670,汽车零部件,C\n3714,高铁设备,C\n3720,轨道设备,C\n"
                .to_owned(),
        ),
    ];
    if !town.links.is_empty() {
        seeds.push(("restructurings.csv", restructurings(town)));
    }
    seeds
}

fn restructurings(town: &Town) -> String {
    let mut text = "credit_code,period,kind,predecessor,approved_by\n".to_owned();
    let mut links: Vec<&Link> = town.links.iter().collect();
    links.sort_by_key(|link| (&link.code, link.month, &link.predecessor));
    for link in links {
        let kind = match link.kind {
            LinkKind::CodeChange => "code_change",
            LinkKind::Merger => "merger",
            LinkKind::Split => "split",
            LinkKind::Base => "base",
        };
        let predecessor = link.predecessor.as_deref().unwrap_or_default();
        writeln!(text, "{},{},{kind},{predecessor},区统计局", link.code, label(link.month))
            .unwrap();
    }
    text
}
