"use strict";

const REFRESH_MS = 2000;
const ORDERS_SHOWN = 12;
const RUSH = 50;

const byId = (id) => document.getElementById(id);

// Whatever comes from the server or a customer is set as text, never as markup.
function element(tag, className, text) {
	const created = document.createElement(tag);
	if (className) {
		created.className = className;
	}
	if (text !== undefined) {
		created.textContent = text;
	}
	return created;
}

const units = (count) => count === 1 ? "1 unit" : `${count} units`;

async function getJson(path) {
	const response = await fetch(path, { cache: "no-store" });
	if (!response.ok) {
		throw new Error(`${path} answered ${response.status}`);
	}
	return response.json();
}

async function placeOrder(order) {
	try {
		const response = await fetch("api/orders", {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify(order)
		});
		return { status: response.status, body: await response.json() };
	}
	catch {
		return { status: 0, body: { detail: "The shop doesn't answer" } };
	}
}

function showProducts(products, orders) {
	const sold = new Map();
	for (const order of orders) {
		sold.set(order.sku, (sold.get(order.sku) ?? 0) + order.quantity);
	}
	byId("products").replaceChildren(...products.map((product) => {
		const soldUnits = sold.get(product.sku) ?? 0;
		const all = Math.max(product.stock + soldUnits, 1);
		const card = element("li", product.stock === 0 ? "none" : product.stock <= all / 4 ? "low" : "");
		const left = element("div", "left", product.stock === 0 ? "Sold out" : product.stock);
		if (product.stock > 0) {
			left.append(element("small", "", " left"));
		}
		const bar = element("progress");
		bar.max = all;
		bar.value = product.stock;
		bar.setAttribute("aria-label", "Share of the stock that is left");
		card.append(element("div", "name", product.name), left, bar, element("p", "sold", `${units(soldUnits)} sold`));
		return card;
	}));
	showChoices(products);
}

function showChoices(products) {
	const select = byId("order").elements.sku;
	const known = [...select.options].map((option) => option.value);
	if (known.join("\n") !== products.map((product) => product.sku).join("\n")) {
		const chosen = select.value;
		select.replaceChildren(...products.map((product) => new Option(product.name, product.sku)));
		if (known.includes(chosen)) {
			select.value = chosen;
		}
	}
}

function payment(order) {
	const cell = element("td", "", order.paid ? "yes" : "");
	if (!order.paid) {
		const button = element("button", "quiet", "Pay");
		button.type = "button";
		button.addEventListener("click", async () => {
			button.disabled = true;
			await fetch(`api/orders/${order.id}/payment`, { method: "POST" }).catch(() => undefined);
			await refresh();
		});
		cell.append(button);
	}
	return cell;
}

function showLeader(leader) {
	const where = leader.address ?? leader.id;
	byId("leader").textContent = where ? `leader: ${leader.here ? "this copy" : where}` : "no leader";
}

function showOrders(products, orders) {
	const names = new Map(products.map((product) => [product.sku, product.name]));
	byId("orders").replaceChildren(...orders.slice(0, ORDERS_SHOWN).map((order) => {
		const row = element("tr");
		row.append(element("td", "number", order.id), element("td", "", names.get(order.sku) ?? order.sku),
			element("td", "number", order.quantity), element("td", "", order.customer),
			element("td", "", new Date(order.placedAt).toLocaleTimeString()), payment(order));
		return row;
	}));
	byId("count").textContent = orders.length > 0 ? orders.length : "";
	byId("none").hidden = orders.length > 0;
	byId("more").hidden = orders.length <= ORDERS_SHOWN;
	byId("more").textContent = `and ${orders.length - ORDERS_SHOWN} before`;
}

async function refresh() {
	try {
		const [products, orders, leader] = await Promise.all(
			[getJson("api/products"), getJson("api/orders"), getJson("api/leader")]);
		showLeader(leader);
		showProducts(products, orders);
		showOrders(products, orders);
		byId("copy").classList.remove("away");
		byId("host").textContent = location.host;
	}
	catch {
		byId("copy").classList.add("away");
		byId("host").textContent = `${location.host} doesn't answer`;
	}
}

async function keepFresh() {
	if (!document.hidden) {
		await refresh();
	}
	setTimeout(keepFresh, REFRESH_MS);
}

function answer(good, text) {
	byId("answer").className = good ? "good" : "bad";
	byId("answer").textContent = text;
}

function problem({ status, body }) {
	const errors = Object.entries(body.errors ?? {}).map(([field, message]) => `${field} ${message}`);
	return errors.length > 0 ? errors.join(", ") : body.detail ?? `The shop answered ${status}`;
}

function formOrder() {
	const fields = byId("order").elements;
	return { sku: fields.sku.value, quantity: fields.quantity.valueAsNumber, customer: fields.customer.value };
}

async function whileBusy(work) {
	const buttons = byId("order").querySelectorAll("button");
	buttons.forEach((button) => button.disabled = true);
	try {
		await work();
	}
	finally {
		buttons.forEach((button) => button.disabled = false);
	}
	await refresh();
}

byId("order").addEventListener("submit", (event) => {
	event.preventDefault();
	whileBusy(async () => {
		const result = await placeOrder(formOrder());
		if (result.status === 201) {
			answer(true, `Order ${result.body.id}: ${units(result.body.quantity)} for ${result.body.customer}`);
		}
		else {
			answer(false, problem(result));
		}
	});
});

byId("rush").addEventListener("click", () => {
	const { sku, customer } = formOrder();
	whileBusy(async () => {
		answer(true, `Sending ${RUSH} orders…`);
		const results = await Promise.all(Array.from({ length: RUSH }, (_, index) =>
			placeOrder({ sku, quantity: 1, customer: `${customer || "Rush"} ${index + 1}` })));
		const count = (status) => results.filter((result) => result.status === status).length;
		const other = RUSH - count(201) - count(409);
		answer(other === 0, `${count(201)} sold, ${count(409)} too late` + (other > 0 ? `, ${other} failed` : ""));
	});
});

keepFresh();
