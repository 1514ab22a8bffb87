namespace Rollbook.Silo.Demo;

/// <summary>Orders in whole cents: discount, shipping, total.</summary>
internal static class PricingTask
{
    public static RepairTask Task { get; } = new()
    {
        Name = "fix-pricing",
        Description = "Customers are charged wrong totals. Make the tests pass.",
        Files = new Dictionary<string, string>
        {
            ["README.md"] = "Prices are whole cents. Orders of 50.00 and more ship free.\n",
            ["src/price.mini"] = """
                # Prices are whole cents.
                fn subtotal(unit, count) = unit * count

                # A discount is rounded down, in the shop's favour.
                fn discount(amount, percent) = amount * percent / 100

                fn shipping(amount) = if amount >= 5000 then 0 else 490

                """,
            ["src/order.mini"] = """
                # What a customer pays.
                fn total(unit, count, percent) =
                    let gross = subtotal(unit, count) in
                    let net = gross - discount(gross, percent) in
                    net + shipping(net)

                fn receipt(name, amount) = upper(name) + ": " + text(amount / 100) + "." + cents(amount % 100)

                fn cents(rest) = if rest < 10 then "0" + text(rest) else text(rest)

                """,
            ["tests/price.mini"] = """
                test "subtotal of three" = subtotal(250, 3) == 750
                test "ten percent off" = discount(1999, 10) == 199
                test "no discount" = discount(1999, 0) == 0
                test "small orders pay shipping" = shipping(4999) == 490
                test "fifty ships free" = shipping(5000) == 0

                """,
            ["tests/order.mini"] = """
                test "total with shipping" = total(1000, 2, 0) == 2490
                test "total with discount" = total(1000, 4, 25) == 3490
                test "total ships free" = total(2500, 2, 0) == 5000
                test "receipt" = receipt("Anna", 1205) == "ANNA: 12.05"
                test "receipt of round cents" = receipt("Bo", 1210) == "BO: 12.10"

                """,
        },
        Bugs =
        [
            new("src/price.mini", "shipping", "amount >= 5000", "amount > 5000"),
            new("src/order.mini", "total", "gross - discount(", "gross + discount("),
            new("src/order.mini", "cents", "rest < 10", "rest <= 10"),
            new("src/price.mini", "discount", "amount * percent / 100", "amount * percent / 10"),
        ],
        Variants = [[0], [1, 2], [0, 3], [0, 1, 2]],
    };
}
