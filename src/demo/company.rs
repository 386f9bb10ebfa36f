//! Who the made-up company is: its services, its teams, its places.

/// The company's name.
pub(super) const NAME: &str = "Meridian Goods";

/// A service, as everyone in the company knows it.
#[derive(Debug)]
pub(super) struct Firm {
    /// Its id.
    pub(super) id: &'static str,
    /// What it does.
    pub(super) does: &'static str,
    /// The team that owns it.
    pub(super) team: &'static str,
    /// The person of that team who releases it.
    pub(super) person: &'static str,
    /// 1 most critical … 4.
    pub(super) tier: u8,
    /// Its project in the tracker.
    pub(super) project: &'static str,
    /// Its major version, and the minor version of eight months ago.
    pub(super) began: (u64, u64),
    /// Requests a second in one production region.
    pub(super) rate: f64,
    /// Median seconds of a request.
    pub(super) median: f64,
    /// Instances in one production region.
    pub(super) instances: usize,
    /// What it needs: service, requirement (or any), and whether it must be there.
    pub(super) needs: &'static [(&'static str, &'static str, Need)],
    /// Whether someone wrote a backout plan.
    pub(super) playbook: bool,
    /// What its commits are about.
    pub(super) topics: &'static [&'static str],
}

/// Whether a provider must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It must.
    Hard,
    /// It would be nice.
    Soft,
}

use Need::{Hard, Soft};

/// A place where services run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The environment.
    pub(super) environment: &'static str,
    /// The region.
    pub(super) region: &'static str,
    /// Its share of a production region's traffic and instances.
    pub(super) size: f64,
}

/// Every place, in promotion order.
pub(super) const PLACES: [Place; 4] = [
    Place { environment: "test", region: "eu", size: 0.02 },
    Place { environment: "staging", region: "eu", size: 0.08 },
    Place { environment: "production", region: "eu", size: 1.0 },
    Place { environment: "production", region: "us", size: 0.7 },
];

/// People who commit: name and address.
pub(super) const PEOPLE: [(&str, &str); 10] = [
    ("Mira Lindqvist", "mira"),
    ("Tomasz Wrona", "tomasz"),
    ("Adaeze Obi", "adaeze"),
    ("Jonas Keller", "jonas"),
    ("Priya Raman", "priya"),
    ("Sofia Marchetti", "sofia"),
    ("Diego Fuentes", "diego"),
    ("Hana Sato", "hana"),
    ("Luc Moreau", "luc"),
    ("Noor Haddad", "noor"),
];

/// The tracker's projects: key and name.
pub(super) const PROJECTS: [(&str, &str); 5] =
    [("PAY", "Payments"), ("WEB", "Web shop"), ("CAT", "Catalogue"), ("ORD", "Orders"), ("ACC", "Accounts")];

/// The service whose canary fails.
pub(super) const HERO: &str = "checkout";

/// Every service, in the order of the workspace file.
pub(super) const FIRMS: [Firm; 12] = [
    Firm {
        id: "gateway",
        does: "the edge: TLS, routing, rate limits",
        team: "team-web",
        person: "jonas",
        tier: 1,
        project: "WEB",
        began: (2, 11),
        rate: 410.0,
        median: 0.018,
        instances: 6,
        needs: &[("accounts", "^3.2", Hard)],
        playbook: true,
        topics: &["rate limits", "HTTP/2 settings", "access log", "canary routing", "TLS session cache"],
    },
    Firm {
        id: "storefront",
        does: "the shop people see",
        team: "team-web",
        person: "sofia",
        tier: 1,
        project: "WEB",
        began: (7, 3),
        rate: 240.0,
        median: 0.072,
        instances: 8,
        needs: &[
            ("gateway", "", Hard),
            ("catalog", "^5.0", Hard),
            ("cart", "^3.1", Hard),
            ("search", "", Soft),
        ],
        playbook: true,
        topics: &["product page", "hydration", "image sizes", "banner slots", "consent dialog"],
    },
    Firm {
        id: "checkout",
        does: "from the basket to the confirmed order",
        team: "team-payments",
        person: "mira",
        tier: 1,
        project: "PAY",
        began: (4, 0),
        rate: 62.0,
        median: 0.085,
        instances: 20,
        needs: &[
            ("payments", "^4.1", Hard),
            ("cart", "^3.1", Hard),
            ("pricing", "^2.2", Hard),
            ("orders", "", Hard),
            ("catalog", "", Soft),
            ("notifications", "", Soft),
        ],
        playbook: true,
        topics: &["express checkout", "address form", "voucher handling", "3-D Secure step", "order summary"],
    },
    Firm {
        id: "payments",
        does: "talks to the card and wallet providers",
        team: "team-payments",
        person: "tomasz",
        tier: 1,
        project: "PAY",
        began: (4, 2),
        rate: 48.0,
        median: 0.14,
        instances: 6,
        needs: &[("accounts", "^3.2", Hard), ("notifications", "", Soft)],
        playbook: true,
        topics: &["provider timeouts", "refunds", "idempotency keys", "wallet tokens", "settlement file"],
    },
    Firm {
        id: "catalog",
        does: "products and their descriptions",
        team: "team-catalogue",
        person: "priya",
        tier: 2,
        project: "CAT",
        began: (5, 1),
        rate: 180.0,
        median: 0.028,
        instances: 6,
        needs: &[("pricing", "^2.0", Soft)],
        playbook: true,
        topics: &["category tree", "variant matrix", "import job", "cache keys", "translations"],
    },
    Firm {
        id: "search",
        does: "finds products",
        team: "team-catalogue",
        person: "hana",
        tier: 2,
        project: "CAT",
        began: (3, 4),
        rate: 95.0,
        median: 0.044,
        instances: 8,
        needs: &[("catalog", "^5.0", Hard)],
        playbook: true,
        topics: &["synonyms", "index writer", "facets", "typo tolerance", "ranking weights"],
    },
    Firm {
        id: "cart",
        does: "baskets",
        team: "team-orders",
        person: "adaeze",
        tier: 1,
        project: "ORD",
        began: (3, 2),
        rate: 110.0,
        median: 0.022,
        instances: 6,
        needs: &[("pricing", "^2.0", Hard), ("inventory", "", Soft)],
        playbook: true,
        topics: &["merge on login", "expiry", "quantity limits", "session store", "gift wrapping"],
    },
    Firm {
        id: "pricing",
        does: "prices, vouchers, taxes",
        team: "team-catalogue",
        person: "priya",
        tier: 2,
        project: "CAT",
        began: (2, 3),
        rate: 150.0,
        median: 0.012,
        instances: 4,
        needs: &[],
        playbook: false,
        topics: &["rounding", "voucher rules", "tax tables", "currency feed", "price history"],
    },
    Firm {
        id: "inventory",
        does: "what is in stock, and where",
        team: "team-orders",
        person: "diego",
        tier: 2,
        project: "ORD",
        began: (2, 1),
        rate: 70.0,
        median: 0.031,
        instances: 4,
        needs: &[],
        playbook: true,
        topics: &["reservations", "warehouse feed", "stock levels", "backorders", "cycle counts"],
    },
    Firm {
        id: "accounts",
        does: "who people are",
        team: "team-accounts",
        person: "noor",
        tier: 1,
        project: "ACC",
        began: (3, 2),
        rate: 85.0,
        median: 0.035,
        instances: 6,
        needs: &[("notifications", "", Soft)],
        playbook: true,
        topics: &["passkeys", "session refresh", "password reset", "address book", "consent log"],
    },
    Firm {
        id: "orders",
        does: "keeps every order, for ever",
        team: "team-orders",
        person: "adaeze",
        tier: 1,
        project: "ORD",
        began: (3, 0),
        rate: 40.0,
        median: 0.055,
        instances: 5,
        // 4.0 will reserve stock through inventory's new interface, which only 3.0 has.
        needs: &[("inventory", "^3.0", Hard), ("payments", "^4.1", Hard), ("notifications", "", Soft)],
        playbook: true,
        topics: &["partial shipment", "returns", "event stream", "archive job", "invoice numbers"],
    },
    Firm {
        id: "notifications",
        does: "mail, push and SMS",
        team: "team-accounts",
        person: "luc",
        tier: 3,
        project: "ACC",
        began: (1, 8),
        rate: 22.0,
        median: 0.061,
        instances: 3,
        needs: &[],
        playbook: false,
        topics: &["templates", "bounce handling", "push tokens", "quiet hours", "provider failover"],
    },
];

/// A service by its id.
pub(super) fn firm(id: &str) -> Option<&'static Firm> {
    FIRMS.iter().find(|firm| firm.id == id)
}
