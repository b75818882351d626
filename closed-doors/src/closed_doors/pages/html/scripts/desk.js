// The marking desk. The server's pages hold all that is read; this script marks, saves and goes on by keys.
// What is typed is kept in the browser until the server has it: a lost connection, a locked gradebook or an ended
// session loses nothing.
"use strict";
(() => {
  const desk = JSON.parse(document.body.dataset.desk);
  const one = (selector, inside = document) => inside.querySelector(selector);
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const items = desk.items || [];
  const decimalMark = desk.language === "fr" ? "," : ".";

  const say = (code, values = {}) => desk.words[code].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const written = (value) => String(Math.round(value * 100) / 100).replace(".", decimalMark);
  const notice = (text, lasting = false) => {
    const place = one("#notice");
    place.textContent = text;
    place.classList.toggle("lasting", lasting);
  };

  /** Ask the server; {ok, status, data}, with status 0 where it can't be reached. */
  const ask = async (address, body) => {
    const options = { credentials: "same-origin", headers: { "X-XSRFToken": desk.token } };
    if (body !== undefined) {
      options.method = "POST";
      options.body = JSON.stringify(body);
      options.headers["Content-Type"] = "application/json";
    }
    try {
      const answer = await fetch(address, options);
      if (answer.redirected && !(answer.headers.get("Content-Type") || "").includes("json")) {
        return { ok: false, status: 401, data: {} };
      }
      const data = await answer.json().catch(() => ({}));
      return { ok: answer.ok, status: answer.status, data };
    } catch {
      return { ok: false, status: 0, data: {} };
    }
  };

  /** What a refused request means, in words. */
  const told = (answer) => {
    if (answer.status === 0) return say("offline");
    if (answer.status === 401 || (answer.status === 403 && !answer.data.error)) return say("session_over");
    return answer.data.error || say("failed");
  };

  // A mark from what is typed: null where nothing is, NaN where it is no number.
  const numberOf = (text) => {
    const plain = text.trim().replace(",", ".").replace(/[\u00a0\u202f\s]/g, "");
    if (plain === "") return null;
    return /^\d+(\.\d*)?$|^\.\d+$/.test(plain) ? Number(plain) : NaN;
  };
  const sumOf = (met) => Math.max(0, items.reduce((sum, item) => sum + item.points * (met[item.key] || 0), 0));

  // The items and the mark: shared by the page of one answer and by the page of like answers.
  const shown = (state) => {
    for (const button of all(".item")) {
      const share = state.met[button.dataset.item] || 0;
      button.setAttribute("aria-pressed", share === 1 ? "true" : share ? "mixed" : "false");
      one(".got", button).textContent = share === 1 ? `✓ ${say("met")}` : share ? `◐ ${say("half")}` : "";
    }
    for (const button of all(".half")) {
      button.setAttribute("aria-pressed", String(state.met[button.dataset.half] === 0.5));
    }
    const free = one("#free");
    if (document.activeElement !== free) {
      free.value = state.free !== null ? written(state.free) : state.marked ? written(sumOf(state.met)) : "";
    }
  };
  const fault = (state) => {
    if (Number.isNaN(state.free)) return say("not_a_number");
    const points = state.free !== null ? state.free : state.marked ? sumOf(state.met) : 0;
    return points > desk.maximum + 1e-9 ? say("too_high", { points: written(points), maximum: written(desk.maximum) }) : "";
  };
  const describe = (state) => {
    const problem = fault(state);
    const place = one("#mark-said");
    place.classList.toggle("warning", Boolean(problem));
    one("#free").setAttribute("aria-invalid", String(Boolean(problem)));
    if (problem) place.textContent = problem;
    else if (!state.marked) place.textContent = say("not_marked");
    else if (state.free !== null && items.length && Object.keys(state.met).length) {
      place.textContent = say("fixed_at", { items: written(sumOf(state.met)), mark: written(state.free) });
    } else place.textContent = say("items_make", { mark: written(state.free ?? sumOf(state.met)), maximum: written(desk.maximum) });
  };
  /** What is given to an answer from now on is taken back at once. */
  const newVisit = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const toggled = (state, key, share) => {
    const met = { ...state.met };
    if (met[key] === share) delete met[key];
    else met[key] = share;
    return { ...state, met, free: null, marked: Object.keys(met).length > 0 };
  };

  // ---- One answer -------------------------------------------------------------------------------------------------

  const markingPage = () => {
    const slot = one("#slot");
    const box = `closed-doors-desk:${desk.question}:${desk.second ? "second" : "first"}`;
    const comment = one("#comment");
    const free = one("#free");
    const visited = [];
    let state = null;
    let touched = "";
    let memo = false;
    let sending = null;
    let moving = false;
    const waiting = [];
    let typing = 0;
    let saved = desk.saved || [];

    const keptOnes = () => {
      try {
        return JSON.parse(localStorage.getItem(box) || "{}");
      } catch {
        return {};
      }
    };
    const keep = (id, entry) => {
      const kept = keptOnes();
      if (entry) kept[id] = entry;
      else delete kept[id];
      try {
        localStorage.setItem(box, JSON.stringify(kept));
      } catch {
        notice(say("failed"), true); // the browser keeps nothing: what is typed stays on the page
      }
    };

    const render = () => {
      shown(state);
      describe(state);
      if (comment && document.activeElement !== comment) comment.value = state.comment;
      const flag = one("[data-key=f]");
      if (flag) flag.setAttribute("aria-pressed", String(state.flagged));
      listSaved();
    };

    /** Send everything that is kept, one answer after the other. */
    const flush = () => {
      sending ??= sendAll().finally(() => {
        sending = null;
      });
      return sending;
    };
    const sendAll = async () => {
      let trouble = "";
      const tried = new Set();
      for (;;) {
        const kept = keptOnes();
        const id = Object.keys(kept).find((each) => !tried.has(`${each} ${kept[each].turn}`) && !kept[each].stuck);
        if (!id) break;
        const entry = kept[id];
        tried.add(`${id} ${entry.turn}`);
        if (fault(entry.state)) continue;
        const address = `${desk.question}/a/${id}${desk.second ? "/second" : ""}`;
        const answer = await ask(address, entry.state);
        const after = keptOnes()[id];
        const newer = after && after.turn !== entry.turn;
        if (answer.ok) {
          const now = answer.data.now;
          if (newer) {
            if (now) keep(id, { ...after, state: { ...after.state, token: now.token } });
          } else keep(id, null);
          if (now && state && state.id === id) {
            state.token = now.token;
            one("#progress").textContent = now.progress;
          }
          continue;
        }
        if (answer.status === 409) {
          keep(id, { ...(after || entry), stuck: true, theirs: answer.data.now });
          if (state && state.id === id) conflict(answer.data.now);
          else trouble = say("conflicts");
          continue;
        }
        if (answer.status >= 400 && answer.status < 500 && answer.status !== 401 && answer.status !== 403) {
          keep(id, { ...(after || entry), stuck: true });
          trouble = told(answer);
          continue;
        }
        trouble = `${told(answer)} ${say("kept_here")}`;
        break;
      }
      const left = Object.values(keptOnes());
      if (trouble) notice(trouble, true);
      else if (!left.length) notice(say("saved"));
      if (left.some((entry) => !entry.stuck && !fault(entry.state))) window.setTimeout(flush, trouble ? 4000 : 0);
    };

    const change = (next, wait = 0) => {
      state = { ...next };
      const kept = keptOnes()[state.id];
      keep(state.id, { state, turn: ((kept && kept.turn) || 0) + 1, stuck: false });
      render();
      window.clearTimeout(typing);
      if (!fault(state) && (!desk.second || state.marked)) typing = window.setTimeout(flush, wait);
    };

    const conflict = (now) => {
      const place = one("#conflict");
      one("p", place).textContent = say("moved", { theirs: now.said });
      place.hidden = false;
      one("#take-theirs").onclick = () => {
        keep(state.id, null);
        state = { ...now, visit: newVisit() };
        place.hidden = true;
        render();
        notice("");
      };
      one("#take-mine").onclick = () => {
        place.hidden = true;
        change({ ...state, token: now.token, visit: newVisit() });
      };
    };

    const show = (html, remember = true) => {
      if (html !== null) slot.innerHTML = html; // of our own server, cleaned there; the policy lets nothing in it run
      const article = one("#answer");
      state = { ...JSON.parse(article.dataset.state), visit: newVisit() };
      touched = "";
      memo = false;
      const kept = keptOnes()[state.id];
      if (kept) {
        const token = state.token;
        state = { ...state, ...kept.state, said: state.said };
        if (kept.stuck && kept.theirs) conflict({ ...kept.theirs, token });
        else notice(say("kept_here"), true);
      }
      all(".request-form", article).forEach(requestForm);
      render();
      if (html !== null) {
        one("#answer-title").focus({ preventScroll: true });
        window.scrollTo({ top: Math.max(0, slot.getBoundingClientRect().top + window.scrollY - 16) });
        if (remember) history.pushState({}, "", `${desk.question}/a/${state.id}${desk.second ? "?second=1" : ""}`);
      }
    };

    const load = async (address, remember = true) => {
      const answer = await ask(address);
      if (!answer.ok) {
        notice(`${told(answer)} ${say("kept_here")}`, true);
        return false;
      }
      if (!answer.data.id) return null;
      if (remember && state) visited.push(state.id);
      show(answer.data.html, remember);
      return true;
    };
    const way = (name) => `${desk.question}/next?part=1&after=${state.id}&way=${name}`;
    const leave = async () => {
      window.clearTimeout(typing);
      if (comment === document.activeElement) comment.blur();
      if (document.activeElement === free) free.blur();
      if (Object.keys(keptOnes()).length) await flush();
    };

    const go = async (name, none) => {
      if (fault(state)) {
        describe(state);
        free.focus();
        return;
      }
      await leave();
      const found = await load(way(name));
      if (found === null) notice(say(none), true);
    };
    const actions = {
      n: () => go(desk.second ? "second" : "", "all_marked"),
      N: () => go("forward", "no_before"),
      F: () => go("flag", "no_flag"),
      p: async () => {
        await leave();
        const before = visited.pop();
        const suffix = desk.second ? "&second=1" : "";
        if (before) {
          await load(`${desk.question}/a/${before}?part=1${suffix}`, false);
          history.pushState({}, "", `${desk.question}/a/${before}${suffix ? "?second=1" : ""}`);
        } else await go("back", "no_before");
      },
      s: async () => {
        if (desk.second) return actions.n();
        const answer = await ask(`${desk.question}/a/${state.id}/skip`, {});
        if (!answer.ok) return notice(told(answer), true);
        notice(say("skipped"));
        return go("", "all_marked");
      },
      f: () => desk.second || change({ ...state, flagged: !state.flagged }),
      u: async () => {
        if (desk.second) return undefined;
        await leave();
        const answer = await ask(`${desk.question}/undo`, {});
        if (answer.status === 409) notice(say("moved", { theirs: answer.data.now.said }), true);
        else if (!answer.ok) notice(told(answer), true);
        else if (!answer.data.id) notice(say("nothing_to_undo"));
        else {
          keep(answer.data.id, null);
          await load(`${desk.question}/a/${answer.data.id}?part=1`, answer.data.id !== state.id);
          notice(say("undone", { count: answer.data.count }));
        }
        return undefined;
      },
      c: () => comment && comment.focus(),
      x: () => free.select(),
      m: () => {
        memo = !memo && saved.length > 0;
        notice(memo ? say("memo_mode") : "");
        one("#saved").classList.toggle("armed", memo);
      },
      v: async () => {
        const work = one("#work");
        if (work.hidden && !work.childElementCount) {
          const answer = await ask(`${desk.question}/a/${state.id}/work`);
          if (!answer.ok) return notice(told(answer), true);
          work.innerHTML = answer.data.html;
        }
        work.hidden = !work.hidden;
        one("[data-key=v]").setAttribute("aria-expanded", String(!work.hidden));
        if (!work.hidden) work.scrollIntoView({ block: "start" });
        return undefined;
      },
      g: () => {
        const link = one("[data-key-link=g]");
        if (link) link.click();
      },
      a: () => {
        const met = Object.fromEntries(items.filter((item) => item.points > 0).map((item) => [item.key, 1]));
        const whole = sumOf(met);
        const free = whole > 0 && Math.abs(whole - desk.maximum) < 1e-9 ? null : desk.maximum;
        change({ ...state, met, free, marked: true });
        return actions.n();
      },
      0: () => {
        change({ ...state, met: {}, free: items.length ? null : 0, marked: true });
        return actions.n();
      },
      h: () => {
        if (items.length) {
          if (touched) change(toggled(state, touched, 0.5));
        } else if (state.free !== null && state.free + 0.5 <= desk.maximum) change({ ...state, free: state.free + 0.5 });
      },
      "?": () => {
        const card = one("#card");
        if (card.open) card.close();
        else card.showModal();
      },
    };
    const digit = (number) => {
      if (memo) {
        const use = sorted()[number - 1];
        memo = false;
        one("#saved").classList.remove("armed");
        if (use) insert(use.text);
        return undefined;
      }
      if (number === 0) return actions[0]();
      if (!items.length) {
        if (number <= desk.maximum) change({ ...state, free: number, marked: true });
        return undefined;
      }
      const item = items[number - 1];
      if (item) {
        touched = item.key;
        change(toggled(state, item.key, 1));
      }
      return undefined;
    };

    // Saved comments: those for items that are missed stand first.
    const sorted = () => {
      const missed = (use) => use.item && state.marked && !state.met[use.item];
      return [...saved.filter(missed), ...saved.filter((use) => !missed(use))];
    };
    const listSaved = () => {
      const place = one("#saved");
      if (!place) return;
      place.hidden = saved.length === 0;
      const rows = sorted().map((use, number) => {
        const row = document.createElement("li");
        const pick = document.createElement("button");
        pick.type = "button";
        pick.className = "pick";
        pick.textContent = use.text;
        pick.onclick = () => insert(use.text);
        const label = items.find((item) => item.key === use.item);
        if (label) pick.title = label.label;
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "drop";
        drop.textContent = "×";
        drop.setAttribute("aria-label", say("drop_comment", { number: number + 1 }));
        drop.onclick = () => keepComments({ drop: use.number });
        row.append(pick, " ", drop);
        return row;
      });
      one("ol", place).replaceChildren(...rows);
    };
    const keepComments = async (body) => {
      const answer = await ask(`${desk.question}/comments`, body);
      if (!answer.ok) return notice(told(answer), true);
      saved = answer.data.saved;
      listSaved();
      return notice(body.text ? say("comment_kept") : "");
    };
    const insert = (text) => {
      if (state.comment.includes(text)) return;
      change({ ...state, comment: state.comment.trim() ? `${state.comment.trimEnd()}\n\n${text}` : text });
      if (document.activeElement === comment) comment.value = state.comment;
    };

    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey) {
        if (event.key === "Enter") {
          event.preventDefault();
          run(actions.n);
        }
        return;
      }
      const target = event.target;
      if (event.key === "Escape" && (target === comment || target === free)) {
        target.blur();
        return;
      }
      if (target === free && event.key === "Enter") {
        event.preventDefault();
        free.blur();
        return;
      }
      if (event.altKey || target.closest("input:not([type=checkbox]), textarea, select")) return;
      if (!one("#keys-on").checked) return;
      if (one("#card").open && event.key !== "?") return;
      if (moving) {
        if (event.key.length === 1) {
          event.preventDefault();
          waiting.push({ key: event.key, code: event.code });
        }
        return;
      }
      if (press(event)) event.preventDefault();
    });

    // Whoever types fast is on the next answer before it is there: such keys wait for it.
    const run = async (action) => {
      const going = action();
      if (!(going instanceof Promise)) return;
      moving = true;
      await going;
      moving = false;
      while (waiting.length && !moving) {
        const next = waiting.shift();
        const field = document.activeElement;
        if (field === comment || field === free) {
          field.setRangeText(next.key, field.selectionStart, field.selectionEnd, "end");
          field.dispatchEvent(new Event("input"));
        } else press(next);
      }
    };
    /** Do what a key does; false where it does nothing. */
    const press = ({ key, code }) => {
      // The row of digits, whatever the layout: a French keyboard gives them with Shift only.
      const place = /^(?:Digit|Numpad)(\d)$/.exec(code);
      const named = /^\d$/.test(key) ? key : place && !/^[a-z?]$/i.test(key) ? place[1] : null;
      const action = named !== null ? () => digit(Number(named)) : Object.hasOwn(actions, key) ? actions[key] : null;
      if (action) run(action);
      return Boolean(action);
    };
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button || moving) return;
      if (button.dataset.item) {
        touched = button.dataset.item;
        change(toggled(state, touched, 1));
      } else if (button.dataset.half) change(toggled(state, button.dataset.half, 0.5));
      else if (button.dataset.line && comment) {
        const text = say("line", { line: button.dataset.line });
        comment.focus();
        comment.value = comment.value.trim() ? `${comment.value.trimEnd()}\n\n${text}` : text;
        change({ ...state, comment: comment.value }, 600);
      } else if (button.dataset.key) run(actions[button.dataset.key]);
    });
    if (comment) {
      comment.addEventListener("input", () => change({ ...state, comment: comment.value }, 800));
      one("#keep").addEventListener("click", () => {
        const missed = items.filter((item) => !state.met[item.key]);
        const item = state.marked && missed.length === 1 ? missed[0].key : "";
        if (comment.value.trim()) keepComments({ text: comment.value, item });
      });
    }
    free.addEventListener("input", () => {
      const value = numberOf(free.value);
      change({ ...state, free: value, marked: value !== null || Object.keys(state.met).length > 0 }, 600);
    });
    free.addEventListener("blur", () => {
      if (!Number.isNaN(state.free)) render();
    });
    const keysOn = one("#keys-on");
    keysOn.checked = localStorage.getItem("closed-doors-desk:keys") !== "off";
    keysOn.addEventListener("change", () => localStorage.setItem("closed-doors-desk:keys", keysOn.checked ? "on" : "off"));
    const statement = one("#statement");
    statement.open = localStorage.getItem("closed-doors-desk:statement") !== "closed";
    statement.addEventListener("toggle", () =>
      localStorage.setItem("closed-doors-desk:statement", statement.open ? "open" : "closed"));
    window.addEventListener("online", () => {
      notice(say("back_online"));
      flush();
    });
    window.addEventListener("offline", () => notice(`${say("offline")} ${say("kept_here")}`, true));
    window.addEventListener("popstate", () => {
      const id = /\/a\/([0-9a-f]+)/.exec(location.pathname);
      if (id) load(`${desk.question}/a/${id[1]}?part=1${desk.second ? "&second=1" : ""}`, false);
    });
    show(null);
    if (Object.keys(keptOnes()).length) flush();
  };

  // ---- Like answers -----------------------------------------------------------------------------------------------

  const groupPage = (form) => {
    const comment = one("#comment");
    const free = one("#free");
    let state = { met: {}, free: null, comment: "", flagged: false, marked: false };
    let busy = false;
    const render = () => {
      shown(state);
      describe(state);
    };
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.item) state = toggled(state, button.dataset.item, 1);
      else if (button.dataset.half) state = toggled(state, button.dataset.half, 0.5);
      else return;
      render();
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input[type=text], textarea")) return;
      const place = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
      const item = place && items[Number(place[1]) - 1];
      if (item) {
        state = toggled(state, item.key, 1);
        render();
      }
    });
    free.addEventListener("input", () => {
      const value = numberOf(free.value);
      state = { ...state, free: value, marked: value !== null || Object.keys(state.met).length > 0 };
      describe(state);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const picked = all("[name=answer]:checked", form);
      if (busy) return;
      if (!picked.length) return notice(say("pick_some"), true);
      if (fault(state) || !state.marked) return notice(fault(state) || say("give_a_mark"), true);
      busy = true;
      const answers = Object.fromEntries(picked.map((box) => [box.value, box.dataset.token]));
      const answer = await ask(form.dataset.address, { ...state, comment: comment.value, answers });
      busy = false;
      if (!answer.ok) return notice(told(answer), true);
      notice(say(answer.data.moved ? "group_moved" : "group_done", answer.data), true);
      if (!answer.data.moved) location.assign(`${desk.question}/next`);
      return undefined;
    });
    render();
  };

  // ---- The other forms --------------------------------------------------------------------------------------------

  const requestForm = (form) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = await ask(form.dataset.address, { answer: one("textarea", form).value });
      one("[role=status]", form).textContent = answer.ok ? say("answered", answer.data) : told(answer);
    });
  };

  const itemsForm = (form) => {
    const apply = one("#apply-items");
    const said = one("#items-said");
    const points = () => Object.fromEntries(all("input", form).map((field) => [field.name, Number(field.value.replace(",", ".").replace("−", "-"))]));
    const send = async (dry) => {
      const wanted = points();
      if (Object.values(wanted).some(Number.isNaN)) {
        said.textContent = say("not_a_number");
        return;
      }
      const answer = await ask(form.dataset.address, { points: wanted, dry });
      said.textContent = answer.ok ? say("would_change", answer.data) : told(answer);
      if (apply) apply.hidden = !answer.ok || !dry;
      if (answer.ok && !dry) location.reload();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(true);
    });
    if (!apply) return;
    apply.addEventListener("click", () => send(false));
    one("#to-master").addEventListener("click", () => {
      for (const field of all("input", form)) if (field.dataset.master) field.value = field.dataset.master;
      send(true);
    });
  };

  const sharesForm = (form) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const markers = one("textarea", form).value.split("\n").map((line) => line.trim()).filter(Boolean);
      const answer = await ask(form.dataset.address, { markers });
      one("#shares-said").textContent = answer.ok ? say("shared") : told(answer);
      if (answer.ok) location.reload();
    });
  };

  if (one("#answer")) markingPage();
  if (one("#group")) groupPage(one("#group"));
  if (one("#items")) itemsForm(one("#items"));
  if (one("#shares")) sharesForm(one("#shares"));
  if (!one("#answer")) all(".request-form").forEach(requestForm);
})();
