//! A workspace is read whole, and what is wrong is said as a compiler would.

use crate::help::{listed, read, storefront};
use tminus::domain::workspace::Origin;

#[test]
fn the_workspace_of_the_contract_is_read_whole() {
    let root = storefront();
    let mut opened = read(root.path());
    assert_eq!(listed(&opened), "");
    opened.workspace.origin = Origin::Nowhere;
    insta::assert_debug_snapshot!(opened.workspace);
}
