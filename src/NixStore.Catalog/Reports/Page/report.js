'use strict';
// Draws the page of what is in the element "data". Whatever comes from there becomes text, never markup.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const page = document.getElementById('report');
  const day = 86400000;
  const views = {};
  const pending = [];

  // Numbers for people.
  const number = value => value.toLocaleString('en-US');
  const percent = value => value.toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 }) + ' %';
  const money = value => value.toLocaleString('en-US', { style: 'currency', currency: data.prices.currency });
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  const unitOf = value => {
    let exponent = 0;
    while (value >= 1024 && exponent < units.length - 1) { value /= 1024; exponent++; }
    return { name: units[exponent], factor: 1024 ** exponent };
  };
  const size = value => {
    const unit = unitOf(value);
    const scaled = value / unit.factor;
    return scaled.toFixed(unit.factor === 1 || scaled >= 100 ? 0 : 1) + ' ' + unit.name;
  };
  const date = moment => new Date(moment).toISOString().slice(0, 10);
  const minute = moment => new Date(moment).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';
  const sum = (list, of) => list.reduce((total, item) => total + of(item), 0);
  const most = (list, of) => list.reduce((greatest, item) => Math.max(greatest, of(item)), 0);

  // Elements.
  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };
  const section = title => {
    const made = element('section', '', element('h2', '', title));
    page.append(made);
    return made;
  };
  const pair = parent => parent.appendChild(element('div', 'pair'));
  const table = (parent, title, columns, rows) => {
    if (rows.length === 0) return;
    const cell = (name, column, text) => element(name, column.style ?? '', text);
    const made = element('table', '',
      element('caption', '', title),
      element('thead', '', element('tr', '', ...columns.map(column => cell('th', column, column.title)))),
      element('tbody', '', ...rows.map(row => element('tr', '', ...columns.map(column => cell('td', column, column.of(row)))))));
    parent.append(element('div', 'scroll', made));
  };
  const text = (title, of, style = '') => ({ title, of, style });
  const figure = (title, of) => text(title, of, 'number');
  const tile = (parent, title, value, note) => parent.append(element('div', '', element('dt', '', title), element('dd', '', value, ...(note ? [element('small', '', note)] : []))));

  // Charts. Colours are the page's, so that they follow its scheme and that of paper.
  const config = {
    background: null,
    font: '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", Arial, sans-serif',
    view: { stroke: null },
    axis: {
      labelColor: 'var(--text)', titleColor: 'var(--dim)', titleFontWeight: 'normal', labelFontSize: 11, titleFontSize: 11,
      domainColor: 'var(--line)', tickColor: 'var(--line)', gridColor: 'var(--grid)',
    },
  };
  const draw = (parent, id, title, spec, follow) => {
    const readout = element('span', 'readout');
    const chart = element('div', 'chart');
    chart.id = id;
    parent.append(element('figure', '', element('figcaption', '', element('h3', '', title), readout), chart));
    const whole = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', width: 'container', autosize: { type: 'fit-x', contains: 'padding' }, description: title, config, ...spec };
    pending.push(() => vegaEmbed(chart, whole, { actions: false, renderer: 'svg', ast: true }).then(result => {
      views[id] = result.view;
      follow?.(result.view, readout);
    }));
  };

  // A quantity by day, as steps; a day that is missing is one of nothing. What the pointer is at is read out beside the title.
  const steps = (days, of) => {
    const points = [];
    days.forEach((item, index) => {
      points.push({ t: item.t, v: of(item) });
      if (index + 1 === days.length || days[index + 1].t > item.t + day) points.push({ t: item.t + day, v: 0 });
    });
    return points;
  };
  const byDay = (parent, id, title, days, { of, axis, colour, say, line = false }) => {
    const values = line ? days.map(item => ({ t: item.t, v: of(item) })) : steps(days, of);
    const times = days.map(item => item.t);
    draw(parent, id, title, {
      height: 190,
      data: { name: 'days', values },
      mark: line ? { type: 'line', color: `var(--${colour})`, strokeWidth: 1.5 } : { type: 'area', interpolate: 'step-after', color: `var(--${colour})`, stroke: `var(--${colour})`, strokeWidth: .8 },
      encoding: {
        x: { field: 't', type: 'temporal', scale: { type: 'utc' }, axis: { title: null, grid: false, labelOverlap: true } },
        y: { field: 'v', type: 'quantitative', axis: { title: axis, tickCount: 5 } },
      },
    }, (view, readout) => {
      const peak = days.reduce((best, item) => of(item) > of(best) ? item : best, days[0]);
      const rest = line ? say(days[days.length - 1]) : `most: ${say(peak)}`;
      readout.textContent = rest;
      view.addEventListener('pointermove', event => {
        const [x] = vega.point(event, view.container().querySelector('svg g'));
        const at = view.scale('x').invert(x - view.origin()[0]).getTime();
        let index = times.findIndex(time => time > at);
        index = (index < 0 ? times.length : index) - 1;
        readout.textContent = index >= 0 && (line || at < times[index] + day) ? say(days[index]) : date(at);
      });
      view.addEventListener('pointerout', () => { readout.textContent = rest; });
    });
  };

  // Sizes of groups, as bars.
  const bars = (parent, id, title, groups, { colour, count }) => {
    const unit = unitOf(most(groups, group => group.size));
    const values = groups.map(group => ({ g: group.name || '(none)', v: group.size / unit.factor, s: size(group.size), c: `${number(group.count)} ${count}` }));
    const name = { field: 'g', type: 'nominal', sort: null, axis: { title: null, labelLimit: 220 } };
    const amount = { field: 'v', type: 'quantitative', axis: { title: unit.name, tickCount: 5 } };
    draw(parent, id, title, {
      height: 20 * groups.length,
      data: { name: 'groups', values },
      mark: { type: 'bar', color: `var(--${colour})` },
      encoding: {
        y: name,
        x: amount,
        tooltip: [{ field: 'g', title: 'group' }, { field: 's', title: 'size' }, { field: 'c', title: 'count' }],
      },
    });
  };

  const days = data.days.map(item => ({ ...item, t: Date.parse(item.day) }));
  const what = data.hasNarInfos ? 'narinfos' : 'objects';
  const newest = days.length > 0 ? days[days.length - 1].t : null;
  const cost = data.prices ? [figure(`Storage a month (${data.prices.currency})`, row => row.cost === undefined ? '' : money(row.cost))] : [];

  // The whole.
  const drawTotals = () => {
    const said = [];
    if (data.cache && !data.title.includes(data.cache)) said.push(data.cache);
    if (newest !== null) said.push(`newest of ${date(newest)}`);
    said.push(`report of ${minute(data.made)}`);
    document.getElementById('about').textContent = said.join(' · ');
    const tiles = page.appendChild(element('dl', 'tiles'));
    if (data.total) {
      tile(tiles, 'Store paths', number(data.total.count), 'narinfos');
      tile(tiles, 'NAR files', size(data.total.size), `${number(data.total.narCount)} files, each counted once`);
      tile(tiles, 'Unpacked', size(data.total.narSize), 'NARs of all paths');
    }
    if (data.kinds.length > 0) tile(tiles, 'All objects', size(sum(data.kinds, kind => kind.size)), `${number(sum(data.kinds, kind => kind.count))} objects`);
    if (data.prices) tile(tiles, 'Storage a month', money(data.prices.total), `${data.prices.name}, ${data.prices.date}`);
    if (days.length > 0) tile(tiles, 'Since', date(days[0].t), `until ${date(newest)}`);
    const unknown = data.orphans.find(item => item.kind === 'UnknownToHydra');
    if (unknown && data.orphanDays) tile(tiles, 'Unknown to Hydra', number(unknown.count), `${percent(100 * unknown.count / Math.max(1, sum(data.orphanDays, item => item.count)))} of the narinfos`);
    tile(tiles, 'Findings', number(sum(data.findings, item => item.count)), 'objects with something wrong');
  };

  // What a plan takes away, beside what there is.
  const drawPlan = () => {
    const plan = data.plan;
    if (!plan) return;
    const parent = section('What the plan changes');
    const said = [`Plan ${plan.id}, made by ${plan.author} on ${minute(plan.made)}`];
    said.push(plan.approvedBy ? `approved by ${plan.approvedBy}` : plan.needsApproval ? 'not approved yet' : 'needs no approval');
    if (!plan.keepsRoots) said.push('roots are NOT kept');
    if (plan.dangling > 0) said.push(`${number(plan.dangling)} references of paths that stay are lost`);
    parent.append(element('p', 'note', said.join(' · ')));
    const [objects, bytes] = [sum(data.kinds, kind => kind.count), sum(data.kinds, kind => kind.size)];
    const nars = plan.kinds.find(kind => kind.name === 'Nar');
    const rows = [];
    const row = (name, before, goes, say) => rows.push({ name, before: say(before), goes: say(goes), after: say(before - goes), share: percent(100 * goes / Math.max(before, goes, 1e-9)) });
    if (data.total) row('Store paths', data.total.count, plan.count, number);
    if (objects > 0) {
      row('Objects', objects, sum(plan.kinds, kind => kind.count), number);
      row('Size of all objects', bytes, plan.size, size);
      const all = data.kinds.find(kind => kind.name === 'Nar');
      if (all && nars) row('Size of NARs', all.size, nars.size, size);
    }
    if (data.prices && plan.cost !== undefined) row(`Storage a month (${data.prices.currency})`, data.prices.total, plan.cost, money);
    table(parent, 'Before and after', [
      text('', item => item.name), figure('Before', item => item.before), figure('Goes', item => item.goes), figure('After', item => item.after), figure('Share', item => item.share),
    ], rows);
    if (bytes > 0) {
      bars(parent, 'plan', 'Size before and after', [{ name: 'before', size: bytes, count: objects }, { name: 'after', size: bytes - plan.size, count: objects - sum(plan.kinds, kind => kind.count) }], { colour: 'red', count: 'objects' });
    }
    const tables = pair(parent);
    table(tables, 'What goes, by class', [
      text('Class', item => item.name || '(none)', 'word'), figure('Paths', item => number(item.count)), figure('Size', item => size(item.size)),
      text('Oldest', item => item.oldest ?? '', 'word'), text('Newest', item => item.newest ?? '', 'word'),
    ], plan.classes);
    table(tables, 'What goes, by kind of object', [text('Kind', item => item.name, 'word'), figure('Objects', item => number(item.count)), figure('Size', item => size(item.size))], plan.kinds);
    table(tables, 'Candidates that stay', [text('Reason', item => item.kind, 'word'), figure('Paths', item => number(item.count))], plan.kept);
    table(parent, 'Sizes far from those of their class', [
      text('Class', item => item.class, 'word'), text('Path', item => item.path, 'code'), figure('NAR file', item => size(item.size)),
    ], plan.classes.flatMap(item => item.outliers.map(outlier => ({ ...outlier, class: item.name }))));
  };

  const drawGrowth = () => {
    if (days.length === 0) return;
    const parent = section('Growth');
    const perDay = unitOf(most(days, item => item.size));
    byDay(parent, 'uploads', `Uploads a day: ${what}`, days, { of: item => item.count, axis: `${what} a day`, colour: 'blue', say: item => `${item.day}: ${number(item.count)} ${what}, ${size(item.size)}` });
    byDay(parent, 'bytes', 'Uploads a day: bytes', days, { of: item => item.size / perDay.factor, axis: `${perDay.name} a day`, colour: 'teal', say: item => `${item.day}: ${size(item.size)}, ${number(item.count)} ${what}` });
    let [count, total] = [0, 0];
    const grown = days.map(item => ({ day: item.day, t: item.t, count: count += item.count, size: total += item.size }));
    const unit = unitOf(total);
    byDay(parent, 'cumulative', 'Size of what was uploaded until then', grown, { of: item => item.size / unit.factor, axis: unit.name, colour: 'violet', line: true, say: item => `${item.day}: ${size(item.size)}, ${number(item.count)} ${what}` });
    if (data.undated) parent.append(element('p', 'note', `${number(data.undated.count)} ${what} (${size(data.undated.size)}) without a date are in none of these.`));

    const years = new Map();
    grown.forEach((item, index) => {
      const year = item.day.slice(0, 4);
      const sofar = years.get(year) ?? { year, count: 0, size: 0 };
      years.set(year, { year, count: sofar.count + days[index].count, size: sofar.size + days[index].size, end: item.size });
    });
    table(parent, 'By year', [text('Year', row => row.year), figure(what[0].toUpperCase() + what.slice(1), row => number(row.count)), figure('Size', row => size(row.size)), figure('Size at its end', row => size(row.end))], [...years.values()]);
  };

  const drawOrphans = () => {
    if (data.orphans.length === 0 && data.findings.length === 0) return;
    const parent = section('What hangs in the air');
    if (data.orphanDays && data.orphanDays.length > 0) {
      const orphanDays = data.orphanDays.map(item => ({ ...item, t: Date.parse(item.day) }));
      const say = item => `${item.day}: ${number(item.orphans)} of ${number(item.count)}, ${percent(100 * item.orphans / item.count)}`;
      byDay(parent, 'orphans', 'Narinfos a day that Hydra does not know', orphanDays, { of: item => item.orphans, axis: 'narinfos a day', colour: 'red', say });
      byDay(parent, 'share', 'Their share of the day', orphanDays, { of: item => 100 * item.orphans / item.count, axis: '% of the day\'s narinfos', colour: 'gold', say });
    }
    const columns = pair(parent);
    table(columns, 'By kind', [text('Kind', row => row.kind), figure('Objects', row => number(row.count))], data.orphans);
    table(parent, 'Findings by kind', [
      text('Kind', row => row.kind, 'word'), figure('Objects', row => number(row.count)), text('For example', row => row.key, 'code'), text('Detail', row => row.detail),
    ], data.findings);
  };

  const drawComposition = () => {
    if (data.storageClasses.length + data.compressions.length === 0 && days.length === 0) return;
    const parent = section('What it is made of');
    const charts = pair(parent);
    if (data.storageClasses.length > 0) bars(charts, 'classes', 'Size by storage class', data.storageClasses.map(group => ({ ...group, name: group.name || '(not said)' })), { colour: 'blue', count: 'objects' });
    if (data.compressions.length > 0) bars(charts, 'compressions', 'Size of NAR files by compression', data.compressions, { colour: 'teal', count: 'narinfos' });
    if (days.length > 0) {
      const ages = [['under 1 month', 30], ['1–3 months', 91], ['3–6 months', 182], ['6–12 months', 365], ['1–2 years', 730], ['2–3 years', 1095], ['3–5 years', 1826], ['5–10 years', 3652], ['over 10 years', Infinity]]
        .map(([name, end]) => ({ name, end, count: 0, size: 0 }));
      for (const item of days) {
        const age = ages.find(group => (newest - item.t) / day < group.end);
        age.count += item.count;
        age.size += item.size;
      }
      bars(parent, 'ages', `Size by age, counted from ${date(newest)}`, ages, { colour: 'violet', count: what });
    }
    const tables = pair(parent);
    const objects = name => [text(name, row => row.name || '(not said)', 'word'), figure('Objects', row => number(row.count)), figure('Size', row => size(row.size)), ...cost];
    const narInfos = name => [text(name, row => row.name || '(none)', 'word'), figure('Narinfos', row => number(row.count)), figure('NAR files', row => size(row.size)), figure('Unpacked', row => size(row.narSize))];
    table(tables, 'By storage class', objects('Class'), data.storageClasses);
    table(tables, 'By kind of object', objects('Kind'), data.kinds);
    table(tables, 'By compression', narInfos('Compression'), data.compressions);
    table(tables, 'By system', narInfos('System'), data.systems);
  };

  const drawLargest = () => {
    if (data.names.length === 0) return;
    const parent = section('What takes up most');
    bars(parent, 'names', 'Package names by size of NAR files', data.names.slice(0, 25), { colour: 'blue', count: 'narinfos' });
    table(parent, `The ${number(data.names.length)} largest package names`, [
      text('Name', row => row.name, 'code'), figure('Narinfos', row => number(row.count)), figure('NAR files', row => size(row.size)),
      figure('Share', row => percent(100 * row.size / Math.max(1, data.total.size))), figure('Unpacked', row => size(row.narSize)), ...cost,
    ], data.names);
    table(parent, `The ${number(data.paths.length)} largest store paths`, [
      text('Path', row => row.path, 'code'), figure('NAR file', row => size(row.size)), figure('Unpacked', row => size(row.narSize)), text('Uploaded', row => row.day ?? '', 'word'),
    ], data.paths);
  };

  const drawRoots = () => {
    if (data.roots.length === 0) return;
    table(section('What is to stay'), 'Roots by origin', [text('Origin', row => row.origin, 'code'), text('Kind', row => row.kind, 'word'), figure('Roots', row => number(row.count))], data.roots);
  };

  const drawSources = () => {
    if (data.sources.length > 0) {
      table(section('Where this comes from'), 'What the catalog was filled with', [
        text('Source', row => row.source, 'code'), text('Kind', row => row.kind, 'word'), text('Made', row => row.created ? minute(row.created) : '', 'word'),
      ], data.sources);
    }
    const said = [`Made by NixStore on ${minute(data.made)}. Days and months are those of UTC. Sizes are in units of 1024. A NAR that several narinfos name is counted once.`];
    if (data.prices) {
      said.push(`Costs: ${data.prices.name}, of ${data.prices.date}; ${data.prices.isOfObjects ? 'of the objects, each in its storage class, a package name by its NARs' : 'of the NARs as their narinfos say, as if all were in the class STANDARD'}.`);
    }
    said.push('Charts by Vega, Vega-Lite and vega-embed, whose licence is in this file.');
    document.getElementById('footer').append(...said.map(line => element('p', '', line)));
  };

  drawTotals();
  drawPlan();
  drawGrowth();
  drawOrphans();
  drawComposition();
  drawLargest();
  drawRoots();
  drawSources();

  // For those who script the page.
  window.report = { data, views, ready: Promise.all(pending.map(start => start())) };
})();
