//! What pages are made of: typed contexts for the macros in `templates/pieces/`.
//!
//! One file here, one macro file there, one test with a snapshot and extreme data. A page's
//! context holds these structs; its template calls `{{ table(page.alerts) }}`. Nothing in them is
//! markup: all text is escaped where it is shown.

mod bars;
mod code;
mod confirm;
mod filters;
mod form;
mod harm;
mod lists;
mod moment;
mod navigation;
mod panel;
mod path;
mod shares;
mod shell;
mod sparkline;
mod table;
mod tiles;
pub mod words;

pub use bars::{Bar, Bars, Mark, Tick};
pub use code::{Code, Line, Span};
pub use confirm::Confirm;
pub use filters::{Chip, Filters, Hidden, Search, Select};
pub use form::{Choice, ErrorSummary, Field, FieldError, Form, Input};
pub use harm::Harm;
pub use lists::{Deed, Fact, Facts, History, Shown};
pub use moment::Moment;
pub use navigation::{Breadcrumbs, Link, Pagination, Tab, Tabs};
pub use panel::{Panel, Progress, State};
pub use path::{Arrow, Node, Path};
pub use shares::Shares;
pub use shell::{Band, BandKind, Notice, Person, Place, Shell, Undo, View};
pub use sparkline::Sparkline;
pub use table::{Act, Cell, Column, Row, Selection, Sort, Table};
pub use tiles::{Region, Tile, Tiles, TilesOf};
