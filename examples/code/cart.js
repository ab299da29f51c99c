/** The price of all items in a cart. */
export function total(cart) {
  let sum = 0;
  for (const item of cart.items) {
    sum += item.price * item.count;
  }
  return sum - sum * 0.1 * (cart.coupon ? 1 : 0);
}
