//! Floor 5: wiring. The only place that knows the clock, and one of the two that use `anyhow`.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{HttpServer, web};
use anyhow::{Context, anyhow, bail};
use jiff::SignedDuration;
use secrecy::SecretString;

use crate::{
    calls::{Caller, Environment},
    check,
    company::{self, People, report, watch},
    engine::{
        Check, Clock, Clocks, Engine, Running,
        post::{Carrier, Links, Outbox, Post, Quotas},
    },
    http::{self, Ctx, Guard, KEEP_ALIVE, Refusals},
    model::{Moment, Monotonic},
    settings::{
        Settings,
        admin_token::{self, Kept},
    },
    source::{Files, Place, Problem},
    store::{self, Store},
    teams::{client, connector::Connector, download::Downloads, install_crypto, skew::Skew},
};

pub mod environment;
mod identity;
mod listening;

/// The longest sleep of a loop: who sleeps longer wakes late on a machine that slept as well.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// So many of these sleeps lie between two tidyings of dedupe keys and idle conversations: a minute.
const TIDY_EVERY: u64 = 30;
/// How often the store is asked for what is due.
const TICK_EVERY: Duration = Duration::from_secs(1);
/// So often the company's folder is looked at although nothing was heard of it: not every file
/// system tells, and a folder that was replaced is another one.
const LOOK_AT_FILES: Duration = Duration::from_secs(30);
/// Idle conversations kept in memory.
const KEEP_CONVERSATIONS: usize = 10_000;
/// Requests under way get this long to finish at the end.
const GRACE_SECONDS: u64 = 10;

/// The service, bound to its port and ready to run.
pub struct App {
    ctx: web::Data<Ctx>,
    listener: TcpListener,
    token: Kept,
    asks_ahead: bool,
    is_ticking: bool,
}

/// The system's clock: the one place that looks at it.
pub fn system_clock() -> Clock {
    #[allow(clippy::disallowed_methods, reason = "this is where the time comes in")]
    Arc::new(jiff::Timestamp::now)
}

/// The clock that nobody sets, from now on. It stands still while the machine sleeps.
fn steady_clock() -> Monotonic {
    #[allow(clippy::disallowed_methods, reason = "this is where the time comes in")]
    let begun = std::time::Instant::now();
    Monotonic::new(move || {
        Moment::after(SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX))
    })
}

/// What comes from outside besides the settings, so that tests can put their own in its place.
pub struct Parts {
    /// The wall clock: for what is kept, and for what people read.
    pub clock: Clock,
    /// The clock by which pace, limits and memories are measured.
    pub steady: Monotonic,
    /// A store that is open already, whatever the settings name.
    pub store: Option<Arc<dyn Store>>,
    /// Where secrets for other systems come from.
    pub environment: Environment,
    /// True when letters to a connector on this machine keep to the pace of Teams.
    pub is_local_paced: bool,
    /// True when Microsoft is asked for token, keys and time before anybody writes, and ahead of
    /// their end.
    pub asks_ahead: bool,
    /// True when what is due happens by itself; else when somebody asks the engine for it.
    pub is_ticking: bool,
}

impl App {
    /// Loads the company, opens the store, takes the port and sends what an earlier process left.
    pub async fn build(settings: &Settings, clock: Clock) -> anyhow::Result<App> {
        let steady = steady_clock();
        let environment = environment::environment();
        let parts = Parts {
            clock,
            steady,
            store: None,
            environment,
            is_local_paced: false,
            asks_ahead: true,
            is_ticking: true,
        };
        Self::build_of(settings, parts).await
    }

    /// The same of parts that were made elsewhere.
    pub async fn build_of(settings: &Settings, parts: Parts) -> anyhow::Result<App> {
        // The company first: its mistakes must not leave a new store behind.
        let (running, files) = load(settings, &parts.environment)?;
        let store = match &parts.store {
            Some(store) => store.clone(),
            None => store::open(&settings.store).await.with_context(|| {
                format!("the store `{}` cannot be opened", shown(&settings.store))
            })?,
        };
        Self::assemble(settings, parts, running, files, store).await
    }

    async fn assemble(
        settings: &Settings,
        Parts { clock, steady, environment, is_local_paced, asks_ahead, is_ticking, .. }: Parts,
        running: Running,
        files: Files,
        store: Arc<dyn Store>,
    ) -> anyhow::Result<App> {
        install_crypto();
        let app = settings.app.as_ref();
        let skew = asks_ahead.then(|| Skew::new(clock.clone(), steady.clone()));
        let (verifier, tokens) = identity::identity(settings, steady.clone(), skew)?;
        let connector = Connector::new(verifier.hosts().clone(), tokens.clone(), client::TOTAL)?;
        let caller = Caller::new(environment.clone())
            .context("no certificates to call other systems with")?;
        let clocks = Clocks { wall: clock.clone(), steady: steady.clone() };
        let outbox =
            Outbox::new(store.clone(), connector, caller.clone(), clocks, settings.delivery);
        if is_local_paced {
            outbox.pace_local();
        }
        let listener = TcpListener::bind(settings.listen).with_context(|| {
            format!("{} cannot be listened on: is another bot running there? choose another with --listen", settings.listen)
        })?;
        let links = match listening::base_of(settings, listener.local_addr()?) {
            Some(base) => Some(Links::new(&*store, &base).await?),
            None => None,
        };
        let quotas = Quotas { person: settings.files.person, store: settings.files.store };
        let downloads = Downloads::new(verifier.hosts().clone(), tokens.clone())?;
        let carrier = Carrier::new(downloads, links, quotas);
        let engine = Arc::new(Engine::new(
            running,
            store,
            Post::new(outbox, carrier, caller),
            app.and_then(|app| app.tenant.clone()),
            steady.clone(),
        ));
        let token = admin_token::keep(settings.admin_token.as_ref(), &settings.store)
            .map_err(|why| anyhow!(why))?;
        if let Kept::Filed { path, new: true, .. } = &token {
            tracing::info!(path = %path.display(), "a token for the admin API was made; `switchboard admin token` prints it");
        }
        let guard = Guard::new(
            token.token().clone(),
            listening::origins(settings, listener.local_addr()?),
            settings.allow_anonymous,
            steady.clone(),
        );
        if app.is_none() {
            tracing::warn!(
                "no MicrosoftAppId is set: activities are accepted from anyone who reaches this port"
            );
        }
        engine.begin(clock.clone()).await?;
        let pending = engine.outbox().resume().await?;
        if pending > 0 {
            tracing::info!(pending, "delivering what an earlier process left");
        }
        let check = checker(environment, knows_whom(settings));
        let reloader = Arc::new(engine.reloader(settings.company.clone(), files, check));
        Ok(App {
            ctx: web::Data::new(Ctx {
                suggestions: engine.suggestions(reloader.clone()),
                engine,
                verifier,
                tokens,
                clock,
                guard,
                refusals: Refusals::new(steady),
                reloader,
                served: Arc::new(tokio::sync::Semaphore::new(http::MOST_SERVED)),
            }),
            listener,
            token,
            asks_ahead,
            is_ticking,
        })
    }

    /// The admin token that is for this run alone, and that nobody can look up.
    pub fn fleeting_token(&self) -> Option<&SecretString> {
        match &self.token {
            Kept::Fleeting(token) => Some(token),
            Kept::Set(_) | Kept::Filed { .. } => None,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// The engine, for whoever wants to look.
    pub fn engine(&self) -> Arc<Engine> {
        self.ctx.engine.clone()
    }

    /// Takes over changed files until it is dropped.
    fn watch(&self) -> Option<(Option<watch::Watch>, AbortOnDrop)> {
        let folder = self.ctx.reloader.folder()?.clone();
        let changed = Arc::new(tokio::sync::Notify::new());
        let notify = changed.clone();
        let watch = watch::watch(&folder, move || notify.notify_one());
        if let Err(error) = &watch {
            tracing::warn!(%error, "the company's folder cannot be watched: it is looked at every {} seconds; POST /api/v1/reload takes changes over at once", LOOK_AT_FILES.as_secs());
        }
        // What was saved between loading and watching.
        changed.notify_one();
        let ctx = self.ctx.clone().into_inner();
        let task = tokio::spawn(async move {
            loop {
                if tokio::time::timeout(LOOK_AT_FILES, changed.notified()).await.is_ok() {
                    // A save is several events: one look for all of them.
                    tokio::time::sleep(company::SETTLE).await;
                }
                ctx.reloader.look((ctx.clock)()).await;
            }
        });
        Some((watch.ok(), AbortOnDrop(task)))
    }

    /// Serves until `stop` resolves; then finishes what is under way and closes the store.
    pub async fn run_until(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let watching = self.watch();
        let looking = self
            .asks_ahead
            .then(|| AbortOnDrop(tokio::spawn(identity::look_after(self.ctx.clone()))));
        let ctx = self.ctx.clone();
        let (workers, most) = listening::connections();
        let server = HttpServer::new(move || http::app(ctx.clone()))
            .workers(workers)
            .max_connections(most)
            .keep_alive(Duration::from_secs(KEEP_ALIVE))
            .listen(self.listener)?
            .disable_signals()
            .shutdown_timeout(GRACE_SECONDS)
            // Whoever closes their side waits for nothing any more: what they asked for stops.
            .h1_allow_half_closed(false)
            .run();
        let handle = server.handle();
        let (engine, clock) = (self.ctx.engine.clone(), self.ctx.clock.clone());
        let tidy = tokio::spawn(async move {
            let mut every = tokio::time::interval(LOOK_EVERY);
            for look in 0_u64.. {
                every.tick().await;
                if look % TIDY_EVERY != 0 {
                    continue;
                }
                if let Err(error) = engine.tidy(clock(), KEEP_CONVERSATIONS).await {
                    tracing::warn!(%error, "the store could not be tidied");
                }
            }
        });
        let ctx = self.ctx.clone();
        let (engine, clock, is_ticking) = (ctx.engine.clone(), ctx.clock.clone(), self.is_ticking);
        let (stop_ticking, mut ticking_stops) = tokio::sync::oneshot::channel::<()>();
        let ticks = tokio::spawn(async move {
            let mut every = tokio::time::interval(TICK_EVERY);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = &mut ticking_stops => return,
                    _ = every.tick() => {}
                }
                ctx.refusals.tell();
                if !is_ticking {
                    continue;
                }
                if let Err(error) = engine.tick(clock()).await {
                    tracing::warn!(%error, "what is due could not be asked for");
                }
            }
        });
        tokio::spawn(async move {
            stop.await;
            handle.stop(true).await;
        });
        server.await?;
        tidy.abort();
        drop((watching, looking));
        // A turn under way is finished.
        let _ = stop_ticking.send(());
        let _ = ticks.await;
        self.ctx.engine.end().await;
        Ok(())
    }
}

/// A task that ends with its owner.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The company's files: from its folder, or the sample.
pub fn files(folder: Option<&std::path::Path>) -> anyhow::Result<Files> {
    match folder {
        None => Ok(company::contoso()),
        Some(folder) if !folder.is_dir() => bail!(
            "there is no folder {}: give --company the folder with company.yaml",
            folder.display()
        ),
        Some(folder) => company::read_folder(folder)
            .with_context(|| format!("{} cannot be read", folder.display())),
    }
}

/// The checker, as the reloader wants it. Without `knows_whom` the company's files must say whose
/// people may chat.
fn checker(environment: Environment, knows_whom: bool) -> Check {
    Arc::new(move |files| {
        let check::Checked { ready, mut problems } = check::check(files);
        let Some((company, cards)) = ready else { return (None, problems) };
        problems.extend(environment::judge(&company, &environment));
        if !knows_whom && company.whose_people(None) == People::Unsaid {
            problems.push(Problem {
                warning: false,
                place: Place::start_of("company.yaml"),
                message: NOBODY.to_owned(),
                help: WHOM.to_owned(),
            });
        }
        let is_good = problems.iter().all(|problem| problem.warning);
        (is_good.then(|| Running::new(company, cards)), problems)
    })
}

/// What is said where anybody with a Microsoft 365 tenant of their own could chat.
const NOBODY: &str = "nothing says whose people may chat: MicrosoftAppTenantId is not set, and `entra_tenants` is empty";
const WHOM: &str = "list the ids of the Microsoft 365 tenants in `entra_tenants` of company.yaml, or write `entra_tenants: [\"*\"]` for everyone; \
                    with MicrosoftAppTenantId an empty list means that tenant alone";

/// True when the settings say whose people may chat, or need not: without an app id there is nobody
/// to tell apart.
fn knows_whom(settings: &Settings) -> bool {
    settings.app.as_ref().is_none_or(|app| app.tenant.is_some())
}

fn load(settings: &Settings, environment: &Environment) -> anyhow::Result<(Running, Files)> {
    let files = files(settings.company.as_deref())?;
    let check::Checked { ready, mut problems } = check::check(&files);
    for problem in problems.iter().filter(|problem| problem.warning) {
        tracing::warn!("{}", report::line(problem));
    }
    problems.extend(ready.iter().flat_map(|(company, _)| environment::judge(company, environment)));
    match ready {
        Some((company, _))
            if !knows_whom(settings) && company.whose_people(None) == People::Unsaid =>
        {
            bail!("{NOBODY}: {WHOM}")
        }
        Some((company, cards)) if problems.iter().all(|problem| problem.warning) => {
            Ok((Running::new(company, cards), files))
        }
        _ => bail!(
            "the company's files have mistakes:\n\n{}",
            report::draw(&problems, &files, false)
        ),
    }
}

/// A store's address without what may be a password.
pub fn shown(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}
