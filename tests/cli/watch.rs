//! `tminus watch`: who watches, what is noted, and yesterday's releases by a real Prometheus.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::history::{Prometheus, Stretch};
use super::world::World;

fn time(seconds: u64) -> String {
    DateTime::<Utc>::from_timestamp(seconds as i64, 0).unwrap().to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn release(service: &str, end: u64, more: &str) -> String {
    format!(
        "# what people wrote stays\ntitle = \"{service} 1.1\"\n\n[[item]]\nservice = \"{service}\"\nversion = \"1.1.0\"\n\n\
         [[stage]]\nenvironment = \"production\"\nstart = {}\nend = {}\n{more}",
        time(end - 3600),
        time(end)
    )
}

fn workspace(backend: &str) -> String {
    format!(
        "[workspace]\nname = \"Storefront\"\n\n[[environment]]\nid = \"production\"\n\
         versions = 'sum by (service, version) (deployment)'\n\n\
         [[service]]\nid = \"catalog\"\nowner = \"team-catalogue\"\nescalation = [\"hana\", \"@duty\"]\n\n\
         [[service]]\nid = \"checkout\"\n{backend}"
    )
}

fn now() -> u64 {
    u64::try_from(Utc::now().timestamp()).unwrap()
}

#[test]
fn yesterdays_releases_are_watched_from_when_they_were_seen_everywhere() {
    let Some(server) = Prometheus::start(Stretch::two_days()) else { return };
    let times = server.times;
    let backend = format!("[backend.prometheus]\nurl = \"{}\"\n", server.url());
    let world = World::new(&[
        ("tminus.toml", &workspace(&backend)),
        ("releases/catalog-1.1.toml", &release("catalog", times.harmless, "[watch]\nby = \"hana\"\n")),
        ("releases/checkout-1.1.toml", &release("checkout", times.bad, "")),
    ]);
    let told = |words: &str| {
        let answered = world.run(words);
        let watches = answered.json()["watches"].as_array().unwrap().clone();
        (watches, answered.status, answered.err)
    };
    let of = |watches: &[Value], service: &str| -> Value {
        watches.iter().find(|watch| watch["service"] == service).cloned().unwrap_or_default()
    };

    let (watches, status, err) = told("watch --json");
    let catalog = of(&watches, "catalog");
    assert_eq!((status, err.as_str()), (0, ""), "{watches:#?}");
    assert_eq!((&catalog["phase"], &catalog["began_known"]), (&"watching".into(), &"observed".into()));
    let began = DateTime::parse_from_rfc3339(catalog["began"].as_str().unwrap()).unwrap().timestamp() as u64;
    // The history has a point every quarter of an hour, and a series ends five minutes after its last
    // sample: until then the old version is seen too.
    assert!((times.harmless..times.harmless + 1200).contains(&began), "{began} {}", times.harmless);
    assert_eq!(catalog["watcher"]["name"], "hana");
    let sensitivity = catalog["sensitivity"]["value"].as_f64().unwrap();
    // Thirty of seventy-two hours are gone.
    assert!((0.55..0.65).contains(&sensitivity), "{sensitivity}");
    assert_eq!(of(&watches, "checkout")["ended"]["why"], "rolled back", "{watches:#?}");

    // As of then: nothing later leaks in, and what nobody keeps over time is not known.
    let (watches, status, err) = told(&format!("watch --json --at {}", time(times.harmless + 1800)));
    let catalog = of(&watches, "catalog");
    assert_eq!(catalog["phase"], "first-hour");
    assert_eq!((&catalog["sensitivity"]["value"], status), (&1.0.into(), 3), "{err}");
    assert_eq!(of(&watches, "checkout"), Value::Null);
    let (watches, ..) = told(&format!("watch checkout-1.1 --json --at {}", time(times.bad + 1800)));
    assert_eq!(of(&watches, "checkout")["phase"], "first-hour");
    assert_eq!(of(&watches, "checkout")["watcher"], Value::Null);
    let (watches, ..) = told(&format!("watch checkout-1.1 --json --at {}", time(times.back + 1800)));
    assert_eq!(of(&watches, "checkout")["phase"], "over");

    drop(server);
    let answered = world.run("watch");
    assert_eq!(answered.status, 3, "{answered:?}");
    assert!(answered.err.contains("what runs is not known"), "{}", answered.err);
    assert!(answered.out.contains("catalog-1.1"), "by the plan it is watched: {}", answered.out);
}

#[test]
fn notes_are_written_and_taken_back() {
    let file = "releases/catalog-1.1.toml";
    let text = release("catalog", now() - 7200, "# mine\n");
    let world = World::new(&[("tminus.toml", &workspace("")), (file, &text)]);
    let read = || std::fs::read_to_string(world.path().join(file)).unwrap();
    let run = |words: &[&str]| {
        let output = world.command().args(words).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap() + &err)
    };
    let (status, said) =
        run(&["watch", "note", "catalog-1.1", "--by", "hana", "--to", "luc", "quiet, look at the cache"]);
    assert_eq!(status, 0, "{said}");
    assert!(read().starts_with(&text), "{}", read());
    assert!(
        read().contains("to = \"luc\"") && read().contains("text = \"quiet, look at the cache\""),
        "{}",
        read()
    );
    let (status, said) = run(&["watch", "note", "catalog-1.1", "--by", "luc", "--acknowledge"]);
    assert_eq!(status, 0, "{said}");
    assert!(read().contains("acknowledge = true"), "{}", read());
    // Nobody tells what runs: the watch is counted from the plan, and that is no yes.
    let (status, said) = run(&["watch", "catalog-1.1"]);
    assert_eq!(status, 3, "{said}");
    assert!(said.contains("luc, handed over by hana") && said.contains("not observed"), "{said}");
    let (status, said) = run(&["watch", "close", "catalog-1.1", "--by", "luc"]);
    assert_eq!(status, 0, "{said}");
    let (_, said) = run(&["watch", "--json"]);
    let closed = serde_json::from_str::<Value>(said.lines().next().unwrap()).unwrap();
    assert_eq!(closed["watches"][0]["phase"], "closed", "{said}");
    for _ in 0..3 {
        assert_eq!(world.run("undo").status, 0);
    }
    assert_eq!(read(), text, "every byte is as it was");
}

#[test]
fn what_cannot_be_noted_says_what_to_do() {
    let world = World::new(&[
        ("tminus.toml", &workspace("")),
        ("releases/catalog-1.1.toml", &release("catalog", now() - 7200, "")),
    ]);
    for (words, status, told) in [
        ("watch note catalog-1.1 --by hana", 1, "the note says nothing: say what was seen"),
        ("watch close catalog-1.1", 2, "--by"),
        ("watch catalogue-1.1", 2, "did you mean `catalog-1.1`"),
        ("watch note catalogue-1.1 --by hana x", 2, "there is no release `catalogue-1.1`"),
    ] {
        let answered = world.run(words);
        assert_eq!(answered.status, status, "{words}: {answered:?}");
        assert!(answered.err.contains(told), "{words}: {}", answered.err);
    }
}
