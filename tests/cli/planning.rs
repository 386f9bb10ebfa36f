//! Planning from the command line: a release in one line, its keys one by one, taking back.

use super::world::{Answered, World};

const TMINUS: &str = r#"
[workspace]
time_zone = "Europe/Berlin"

[[environment]]
id = "staging"

[[environment]]
id = "production"
regions = [ { id = "eu" }, { id = "us", time_zone = "America/New_York" } ]

[[service]]
id = "checkout"
owner = "mira"
"#;

fn world() -> World {
    World::new(&[("tminus.toml", TMINUS)])
}

fn run(world: &World, words: &[&str]) -> Answered {
    let output = world.command().args(words).output().unwrap();
    Answered {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn file(world: &World, id: &str) -> String {
    std::fs::read_to_string(world.path().join(format!("releases/{id}.toml"))).unwrap()
}

#[test]
fn a_release_in_one_line_says_what_it_understood_before_it_writes() {
    let world = world();
    let line = "checkout 4.9 canary prod eu tue 14:00-16:00 @mira";
    let add = ["release", "add", "--quick", line, "--at", "2026-11-20T09:00:00Z", "--json", "--dry-run"];
    let dry = run(&world, &add);
    assert_eq!(dry.status, 0, "{}", dry.err);
    assert!(!world.path().join("releases").exists());
    let wet = run(&world, &add[..add.len() - 1]);
    assert_eq!(wet.json(), dry.json());
    let found = wet.json();
    assert_eq!(found["id"], "checkout-4.9");
    assert_eq!(found["stage"][0]["start"], "2026-11-24T13:00:00Z");
    assert_eq!(found["owner"], "mira");
    let text = file(&world, "checkout-4.9");
    assert!(text.contains("start = 2026-11-24T14:00:00\n"), "{text}");

    let said = run(&world, &["release", "add", "--quick", line, "--at", "2026-11-20T09:00:00Z", "--dry-run"]);
    assert!(
        said.err.contains(
            "production/eu: Tue 2026-11-24 14:00 to 16:00 Europe/Berlin (+01:00), 13:00 to 15:00 UTC"
        ),
        "{}",
        said.err
    );
    assert!(said.out.starts_with("would be added: checkout-4.9-2"), "{}", said.out);

    let wrong = run(&world, &["release", "add", "--quick", "checkot 4.2 prod eu tue 14-16"]);
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.err.contains("did you mean `checkout`?") && wrong.err.contains("\n  ^^^^^^^\n"),
        "{}",
        wrong.err
    );
}
