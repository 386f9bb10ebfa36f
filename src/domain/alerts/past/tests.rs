use super::*;

const STEP: u32 = 60;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_612_800 + minute * 60, 0).unwrap()
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// One character an instant: `.` nothing, `p` pending, `f` fires, `-` nothing was recorded.
fn of(picture: &str, since: &[i64]) -> (Vec<Past>, Vec<Gap>) {
    let chars: Vec<char> = picture.chars().collect();
    let values = |wanted: char| -> Vec<Option<f64>> {
        chars.iter().map(|found| (*found == wanted).then_some(1.0)).collect()
    };
    let mut coming = 0;
    let began: Vec<Option<f64>> = chars
        .iter()
        .enumerate()
        .map(|(index, found)| {
            let before = index.checked_sub(1).map(|before| chars[before]);
            if !".-".contains(*found) && before == Some('.') && index > 0 {
                coming += usize::from(chars[..index].iter().any(|found| !".-".contains(*found)));
            }
            let since = since.get(coming)?;
            (!".-".contains(*found)).then(|| at(*since).timestamp() as f64)
        })
        .collect();
    let recorded: Vec<Option<f64>> = chars.iter().map(|found| (*found != '-').then_some(1.0)).collect();
    let own = [("alertname", "Errors"), ("service", "cart")];
    let named = |state: &str| labels(&[&own[..], &[("alertstate", state), ("__name__", "ALERTS")]].concat());
    let (firing, pending) = (named("firing"), named("pending"));
    let state = labels(&own);
    let nothing = labels(&[]);
    let (fires, waits) = (values('f'), values('p'));
    let mut tracks = vec![
        Track { labels: &firing, values: &fires },
        Track { labels: &pending, values: &waits },
        Track { labels: &nothing, values: &recorded },
    ];
    if !since.is_empty() {
        tracks.push(Track { labels: &state, values: &began });
    }
    read(Instants { start: at(0), step: STEP, count: chars.len() }, &tracks)
}

fn told(picture: &str, since: &[i64]) -> Vec<String> {
    let minute = |when: DateTime<Utc>| (when - at(0)).num_minutes();
    let optional = |when: Option<DateTime<Utc>>| when.map_or("-".to_owned(), |when| minute(when).to_string());
    let line = |past: &Past| {
        format!(
            "{} since {}{} fired {} ended {}",
            past.alert.state.word(),
            minute(past.alert.since),
            if past.began_before { " or before" } else { "" },
            optional(past.fired),
            optional(past.ended)
        )
    };
    of(picture, since).0.iter().map(line).collect()
}

#[test]
fn an_alert_that_was_pending_then_fired_then_ended_is_one_coming() {
    assert_eq!(told("..ppfff..", &[1]), ["firing since 1 fired 4 ended 6"]);
    assert_eq!(told("..pp.....", &[1]), ["pending since 1 fired - ended 3"]);
    assert_eq!(told("......fff", &[5]), ["firing since 5 fired 6 ended -"]);
}

#[test]
fn two_comings_stay_two_and_the_instant_it_began_tells_them_apart() {
    assert_eq!(
        told(".ff..ff.", &[0, 4]),
        ["firing since 0 fired 1 ended 2", "firing since 4 fired 5 ended 6"]
    );
    let recorded = [Some(1.0); 5];
    let since = [1.0, 1.0, 3.2, 3.2, 3.2].map(|minute| Some(at(0).timestamp() as f64 + minute * 60.0));
    let own = labels(&[("alertname", "Errors")]);
    let firing = labels(&[("alertname", "Errors"), ("alertstate", "firing")]);
    let tracks = [Track { labels: &firing, values: &recorded }, Track { labels: &own, values: &since }];
    let (list, _) = read(Instants { start: at(2), step: STEP, count: 5 }, &tracks);
    assert_eq!(list.len(), 2, "it ended and came again between two instants: {list:?}");
    assert_eq!((list[0].ended, list[1].alert.since), (Some(at(3)), at(3) + TimeDelta::seconds(12)));
}

#[test]
fn without_the_instant_it_began_the_grid_tells_and_what_went_on_before_says_so() {
    assert_eq!(told("..pff.", &[]), ["firing since 2 fired 3 ended 4"]);
    assert_eq!(told("fff...", &[]), ["firing since 0 or before fired 0 ended 2"]);
    assert_eq!(told("fff...", &[-90]), ["firing since -90 fired 0 ended 2"]);
}

#[test]
fn through_what_was_not_recorded_it_goes_on_where_it_is_the_same_after_it() {
    assert_eq!(told(".ff---ff.", &[0]), ["firing since 0 fired 1 ended 7"]);
    // It had ended by then; nobody saw when.
    assert_eq!(told(".ff---..", &[0]), ["firing since 0 fired 1 ended 6"]);
    // Nobody saw it end.
    assert_eq!(told(".ff---", &[0]), ["firing since 0 fired 1 ended -"]);
}

#[test]
fn what_was_not_recorded_is_a_gap_and_is_said() {
    let (list, gaps) = of("---..--.", &[]);
    assert_eq!(list, []);
    assert_eq!(gaps, [Gap { from: at(0), to: at(3) }, Gap { from: at(5), to: at(7) }]);
    let history = History { gaps, ..History::default() };
    assert!(history.is_whole(at(3), at(5)) && !history.is_whole(at(3), at(6)));
    let doubts = history.doubts(at(1), at(9), chrono_tz::UTC);
    assert_eq!(doubts.len(), 2);
    assert!(doubts[0].starts_with("nothing was recorded") && doubts[0].contains("13:21–13:23"), "{doubts:?}");
}

#[test]
fn without_a_series_that_is_always_there_nothing_is_known_before_the_first_alert() {
    let firing = labels(&[("alertname", "Errors"), ("alertstate", "firing")]);
    let values = [None, None, Some(1.0), None];
    let instants = Instants { start: at(0), step: STEP, count: 4 };
    let (list, gaps) = read(instants, &[Track { labels: &firing, values: &values }]);
    assert_eq!((list.len(), list[0].ended), (1, Some(at(2))));
    assert_eq!(gaps, [Gap { from: at(0), to: at(2) }]);
    let (list, gaps) = read(instants, &[]);
    assert_eq!((list, gaps), (Vec::new(), vec![Gap { from: at(0), to: at(3) }]));
}

fn history(list: Vec<Past>) -> History {
    History { list, step: STEP, ..History::default() }
}

#[test]
fn two_servers_of_a_pair_tell_of_one_coming() {
    let one = of("..ff..", &[1]).0;
    let mut other = one.clone();
    other[0].alert.since += TimeDelta::seconds(20);
    other[0].alert.labels.insert(Safe::new("cluster"), Safe::new("a"));
    let later = Past { alert: Alert { since: at(9), ..one[0].alert.clone() }, ..one[0].clone() };
    let (one, other) = (history(one), history(vec![other[0].clone(), later]));
    let all = merge([("a", &one), ("b", &other)]);
    let names: Vec<_> = all.iter().map(|(source, past)| (source.as_str(), past.alert.since)).collect();
    assert_eq!(names, [("a", at(1)), ("b", at(9))]);
}

#[test]
fn what_is_told_of_now_is_not_told_twice() {
    let past = of("..ff..fff", &[1, 5]).0;
    let now = Alert { since: at(6), ..past[1].alert.clone() };
    let heard = super::super::merge([("am", &[now][..])]);
    let left = unheard(&past, &heard);
    assert_eq!(left.iter().map(|past| past.alert.since).collect::<Vec<_>>(), [at(1)]);
}

#[test]
fn no_picture_invents_or_loses_an_alert() {
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..3000 {
        let length = random.usize(1..40);
        let picture: String =
            (0..length).map(|_| random.choice(['.', '.', 'p', 'f', 'f', '-']).unwrap()).collect();
        let (list, gaps) = of(&picture, &[]);
        let chars: Vec<char> = picture.chars().collect();
        for (index, found) in chars.iter().enumerate() {
            let here = at(index as i64);
            let told = list
                .iter()
                .filter(|past| past.alert.since <= here && past.ended.unwrap_or(past.seen) >= here);
            let count = told.count();
            match found {
                'p' | 'f' => assert_eq!(count, 1, "{picture} at {index}"),
                '.' => assert!(
                    count <= usize::from(index > 0 && chars[index - 1] == '-'),
                    "{picture} at {index}: {list:?}"
                ),
                _ => {}
            }
            let is_gap = gaps.iter().any(|gap| {
                gap.from <= here
                    && (here < gap.to || gap.from == gap.to || here == gap.to && index + 1 == length)
            });
            assert!(is_gap || *found != '-', "{picture} at {index}: {gaps:?}");
        }
        let fires = chars.windows(2).any(|pair| pair[1] == 'f') || chars[0] == 'f';
        assert_eq!(list.iter().any(|past| past.fired.is_some()), fires, "{picture}");
    }
}

#[test]
fn what_fired_at_an_instant_is_told_as_it_could_be_known_then() {
    let half = TimeDelta::seconds(i64::from(STEP) / 2);
    let history = |picture: &str| {
        let (list, gaps) = of(picture, &[]);
        History { list, gaps, step: STEP, ..History::default() }
    };
    let signs = ['.', 'p', 'f', '-'];
    for number in 0..4_usize.pow(6) {
        let picture: String = (0..6).map(|place| signs[number / 4_usize.pow(place) % 4]).collect();
        // One that fires does not wait again but in a new coming, which takes more than a point.
        if picture.replace('-', "").contains("fp") {
            continue;
        }
        let whole = history(&picture);
        for (index, sign) in picture.char_indices() {
            let count = |history: &History, when| history.firing(when).map(|firing| firing.len());
            let now = at(index as i64);
            let told = count(&whole, now);
            let is_after_gap = index > 0 && picture.as_bytes()[index - 1] == b'-';
            let expected = match sign {
                '-' => None,
                _ if is_after_gap => None,
                sign => Some(usize::from(sign == 'f')),
            };
            assert_eq!(told, expected, "{picture} at {index}");
            assert_eq!(count(&whole, now + half), told, "{picture} after {index}");
            let then = history(&picture[..=index]);
            assert_eq!(count(&then, now), told, "{picture} at {index}: later things leak in");
        }
    }
    let doubted = History { warnings: vec![Safe::new("a store is away")], ..history("ff") };
    assert_eq!(doubted.firing(at(1)), None);
    let unkept = History { not_kept: Some(Safe::new("no rules")), ..history("..") };
    assert_eq!(unkept.firing(at(1)), None);
}
