//! The JSON schemas in `assets/`, so that editors complete the files. They are made from the
//! shapes here: `TMINUS_WRITE_SCHEMAS=1 cargo test --lib schema` writes them anew.

use std::path::Path;

use schemars::schema_for;

use super::{person, playbook, release, windows, workspace};

#[test]
fn the_schemas_in_assets_are_those_of_the_shapes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    for (name, schema) in [
        ("tminus", schema_for!(workspace::File)),
        ("windows", schema_for!(windows::Windows)),
        ("release", schema_for!(release::Release)),
        ("playbook", schema_for!(playbook::Playbook)),
        ("config", schema_for!(person::Person)),
    ] {
        let path = folder.join(format!("{name}.schema.json"));
        let mut text = serde_json::to_string_pretty(&schema).unwrap();
        text.push('\n');
        if std::env::var_os("TMINUS_WRITE_SCHEMAS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(there == text, "{} differs: run with TMINUS_WRITE_SCHEMAS=1", path.display());
    }
}
