"""The words that tell kinds of news apart, each with its points.

`OPENING` holds phrases that count where a headline begins, `ANYWHERE` those that count wherever
they stand. Add a word here when a headline was misread, and a headline of your own to the tests.
"""

from __future__ import annotations

from bot.classify.lexicon import Lexicon

Values = tuple[tuple[str, float], ...]


def _lexicon(table: dict[tuple[str, float], str]) -> Lexicon[Values]:
    values: dict[str, list[tuple[str, float]]] = {}
    for point, phrases in table.items():
        for phrase in " ".join(phrases.split()).split(";"):
            if phrase.strip():
                values.setdefault(phrase.strip(), []).append(point)
    return Lexicon((phrase, tuple(points)) for phrase, points in values.items())


OPENING = _lexicon(
    {
        ("PRODUCT LAUNCH", 2): "new; the new; our new; meet; presenting; say hello to",
        ("PRODUCT LAUNCH", 1): "introducing; announcing; unveiling; launching",
        ("OPINION", 3): """
            why; how to; how i; how we should; what if; the case for; the case against; a guide to;
            lessons from; lessons learned; thoughts on; what i learned; what is; what are; what's;
            is; are; can; could; should; does; do; will; when; who; where; stop; don't; ways to;
            the problem with; the future of; the end of; the rise of; the myth of; beyond; tips;
            a beginner's guide; the ultimate guide; getting started; in defense of; notes on;
            musings; reflections on; a letter; an open letter; learn; designing; writing;
            maximizing; choosing; prompting; conversation; the art of; the age of; the era of;
            podcast; our commitment; our position; our view
            """,
        ("OPINION", 1.5): """
            how; inside; what; making; rethinking; from; build; building; using; running; against;
            the; on; a
            """,
        ("RESEARCH", 2.5): """
            towards; toward; evaluating; measuring; quantifying; benchmarking; investigating;
            exploring; detecting; estimating; learning; probing; surfacing; scaling; a survey;
            survey; an empirical; findings; modeling; modelling; analyzing; demonstrating;
            revisiting; mitigating; predicting; tracing; forecasting; understanding; eliciting;
            utilizing; experimenting; debugging
            """,
        ("RESEARCH", 1.5): """
            improving; advancing; accelerating; training; automating; auditing; efficient; how we;
            automated; can; when; enhancing; optimizing; inside
            """,
        ("UPDATE", 2): """
            updates to; update on; an update; updated; changelog; improved; improvements;
            upgrading; upgraded; faster; expanding; extending; bringing; deprecating; what's new;
            improving; more; changes to
            """,
        ("PARTNERSHIP", 2.5): "partnering; collaborating; deepening our; working with; joining",
        ("FUNDING & BUSINESS", 2.5): "we raised; our series; investing in; welcoming",
    }
)

ANYWHERE = _lexicon(
    {
        ("FUNDING & BUSINESS", 3): """
            funding; funding round; seed round; series a; series b; series c; series d; series e;
            series f; valuation; valued; acquires; acquire; acquired; acquiring; acquisition;
            acquisitions; to buy; buys; merger; merges; ipo; layoffs; lays off; lay off; laid off;
            steps down; stepping down; invests; invest; stake; hires; poaches; poached; appoints;
            appointed; as ceo; as cfo; as cto; new ceo; earnings; goes public; going public;
            venture capital; fundraise; fundraising; tender offer; spinoff; spins out; spins off;
            spin off; 融资; 收购; 上市; 估值; 裁员; 财报; 营收; 投资; 募资; 离职; 招聘; 股票; 跳槽
            """,
        ("FUNDING & BUSINESS", 2.5): """
            leaving; leaves; departs; recruits; recruited; hiring; lures; is joining; are joining
            """,
        ("FUNDING & BUSINESS", 2): """
            revenue; investors; investor; investment; investments; shares; stock; profit; arr;
            bought; hired; exits; quits; resigns; ousted; fired; spending; buying; backs; backed;
            takeover; capex; bankruptcy; shuts down; shutting down; vc; sells; sell; buyout;
            joins; advertising; funded; executive; executives; monetization
            """,
        ("FUNDING & BUSINESS", 1): """
            grants; grant; commits; startup; startups; growth; cofounder; co founder; ceo; ads;
            costs; office
            """,
        ("POLICY & REGULATION", 3): """
            sues; sue; sued; suing; lawsuit; lawsuits; court; judge; jury; trial; regulation;
            regulations; regulators; regulator; regulatory; legislation; lawmakers; law; laws;
            bill; congress; senate; senator; senators; white house; executive order; antitrust;
            copyright; ban; bans; banned; banning; ftc; doj; fcc; attorney general; governor;
            eu; european commission; subpoena; ruling; settlement; settles; legal; sanctions;
            export controls; treaty; moratorium; supreme court; parliament; ai act; approval;
            监管; 法案; 起诉; 诉讼; 法院; 禁令; 工信部; 政策
            """,
        ("POLICY & REGULATION", 4.5): """
            launches investigation; launches an investigation; opens investigation;
            opens an investigation; launches probe; launches a probe; opens probe; opens a probe
            """,
        ("POLICY & REGULATION", 1.8): """
            government; governments; policy; policies; pentagon; trump; biden; probe; investigation;
            investigates; fined; fines; privacy law; minister; ministry; politicians; political;
            federal; defense department; department of; national security; election; tariffs;
            tariff; supply chain risk; age verification; police; nist; ordered; orders;
            administration; crackdown; mayor; consumer protection; public policy; rights
            """,
        ("PARTNERSHIP", 3.5): """
            partners; partner; partnership; partnerships; partnering; teams up; team up; teaming up;
            collaboration; collaborate; collaborates; alliance; joins forces; join forces;
            signs deal; mou; memorandum; joint venture; joint ventures; case study; customer story;
            連携; 提携; 協業; 導入; 活用; 構築;
            selects; coalition; strikes deal; strike deal; inks deal; consortium; 合作; 携手; 联合
            """,
        ("PARTNERSHIP", 2): """
            integrates; integration; deploys; deploy; deployment; deal; deals; contract; agreement;
            taps; powers; powered by; built with; helps; helping; customers; adopts; chooses; uses;
            tapped to; is transforming; is using; are using; supporting; together with
            """,
        ("PARTNERSHIP", 1): "use; using; joins; for free",
        ("OPEN SOURCE", 4): """
            open source; open sources; open sourced; open sourcing; open weight; open weights;
            apache 2.0; mit license; mit licensed; gguf; on hugging face; on github; 开源
            """,
        ("OPEN SOURCE", 2): """
            open model; open models; weights; self hosted; library; local first; distilled;
            uncensored
            """,
        ("RESEARCH", 3): """
            paper; papers; study; studies; researchers; research; scientists; benchmark;
            benchmarks; benchmarking; evaluation; evaluations; evaluating; technical report;
            interpretability; scaling laws; red teaming; red team; dataset;
            datasets; experiment; experiments; empirical; generalization; generalize;
            reinforcement learning; neural; arxiv; theorem; reward; gradient; mechanistic;
            alignment; misalignment; leaderboard; postmortem; on policy; off policy;
            policy optimization; policy gradient; policy gradients; 论文; 研究; 评测
            """,
        ("RESEARCH", 4): "system card; model card",
        ("RESEARCH", 1.5): """
            via; learning; transformers; attention; towards; adversarial; robustness; safety;
            measuring; analysis; learns; discovery; discover; supervised; finds; findings;
            evidence; science; math; protein; physics; algorithm; kernel; architecture; inference;
            representation; representations; optimization; latent; reasoning; conditional; sparse;
            contextual; cognitive; diffusion; simulation; training; compression; quantization;
            framework; proof; monitoring; scaling; engineering
            """,
        ("PRODUCT LAUNCH", 3): """
            launches; launch; launched; launching; unveils; unveiled; introduces; introduced;
            introducing; debuts; debut; releases; released;
            release; is here; has arrived; now available; generally available; rolls out;
            general availability; reveals; ships; drops; lands; arrives; unveil; released on;
            starts offering; begins offering; now offers; goes on sale; 发布; 推出; 上线; 亮相;
            发售; 开售; 内测
            """,
        ("PRODUCT LAUNCH", 4): "旗舰上市; 正式上市; 新车上市; 万元起",
        ("PRODUCT LAUNCH", 2): "announces; announced; announcing",
        ("PRODUCT LAUNCH", 1.5): """
            preview; beta; now live; available; live on; is now; lets you; app; tool; platform;
            device; builder; 首个; 首款
            """,
        ("PRODUCT LAUNCH", 0.8): "new; first; builds; built",
        ("UPDATE", 3): """
            update; updates; updated; upgrade; upgrades; upgraded; changelog; changelist;
            release notes; deprecation; deprecated; deprecating; sunset; now supports; support for;
            adds; added; improves; improved; improvements; expands; expanding; expansion; gets;
            price cut; rate limits; usage limits; comes to; coming to; rolling out; new features;
            now ga; 対応; 更新; 升级; 支持
            """,
        ("UPDATE", 1.5): """
            now; faster; supports; compatibility; compatible; pricing; limits; changes; changed;
            compliant; compliance; restored; removes; retiring; bringing; extends; in excel;
            in chrome; is back; merged; adding; makeover; redesign; redesigned
            """,
        ("INDUSTRY REPORT", 3): """
            leak; leaks; leaked; rumor; rumors; rumored; outage; outages; down; breach; breached;
            hack; hacked; hackers; elevated errors; incident; unavailable; attack; attacks;
            arrested; killed; dies; crash; crashes; crashed; recall; shortage; poll; statistics;
            demand; went rogue; goes rogue; surges; surge; the download; exposed; scam; scams;
            malware; vulnerability; stolen; backlash; protest; protests; strike; 曝; 消息称; 传闻;
            报告; 数据显示; 早报; 晚报; the batch; daily digest; news roundup; this week in ai;
            compromised
            """,
        ("INDUSTRY REPORT", 4.5): "not much happened",
        ("INDUSTRY REPORT", 3.5): "named top; named to the; we're reading",
        ("INDUSTRY REPORT", 2): "reportedly; said to; sources say; tops; unionization; union",
        ("INDUSTRY REPORT", 1.5): """
            says; report; reports; according to; warns; claims; plans; planning; market; percent;
            users; adoption; companies; industry; rise; rises; growing; record; workers; jobs;
            conference; keynote; roundup; week; race; faces; facing; struggles; accuses; accused;
            blames; denies; admits; testing; working on; expected; thinks; secretly; quietly;
            usage; most
            """,
        ("INDUSTRY REPORT", 0.7): "people; are; could; may; wants; million; world",
        ("OPINION", 2.5): """
            opinion; essay; interview; podcast; guide; tutorial; review; hands on; should; lessons;
            tips; explained; best practices; vs; versus; thoughts; we tried; we tested;
            cheat sheet; deep dive; step by step; walkthrough; what it means; means for; explainer;
            everything you need to know; ama; fireside; unpopular; hot take; rant; playbook;
            field guide; cookbook; mistakes; myth; q&a; webinar; examples; 如何; 为什么; 为何; 怎么;
            谈; 思考; 对话; 教程; 指南; 实录; 实战; 手把手; ask us anything; ask me anything;
            needs to launch; should launch; must launch; reflections on
            """,
        ("OPINION", 1.5): """
            how; why; what; you; think; future; need; needs; here's; bad; love; hate; truth;
            matter; matters; wrong; isn't; don't; won't; not; dead; enough; career; era; problem;
            workflow; feels; really; must; crisis; never; always; everything; reality; aren't;
            can't; doesn't; i
            """,
        ("OPINION", 0.7): "your; better; good; right; human; age; art; where",
    }
)
