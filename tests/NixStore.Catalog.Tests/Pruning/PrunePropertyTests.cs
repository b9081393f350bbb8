using NixStore.Catalog.Pruning.Plans;

namespace NixStore.Catalog.Tests.Pruning;

/// <summary>Plans of random catalogs and policies: they have in them what the plainest means say, and pass their certificates.</summary>
public sealed class PrunePropertyTests
{
    [Fact]
    public void Some_random_plans_pass_their_certificates() => Run(0, 20);

    [Trait("Category", "Soak")]
    [Fact]
    public void A_thousand_random_plans_pass_their_certificates() => Run(1000, 1000);

    private static void Run(int first, int count)
    {
        var (plans, paths) = (0, 0L);
        for (var seed = first; seed < first + count; seed++)
        {
            using var lab = new PruneLab();
            var random = new RandomPrune(seed, lab);
            lab.Write(withShared: seed % 2 == 0);
            try
            {
                var expected = random.Expected();
                var plan = lab.Plan(random.Request);
                Assert.Equal(expected.Order(StringComparer.Ordinal), plan.ReadNarInfos().Select(path => path.HashPart));
                Assert.Empty(lab.Failures(plan));
                plan.Verify();
                _ = plan.ReadObjects(1).Concat(plan.ReadObjects(2)).Count();
                (plans, paths) = (plans + 1, paths + plan.Summary.PathCount);
            }
            catch (NixStoreException error) when (error.ErrorId == "PrunePlanEmpty")
            {
                Assert.Empty(random.Expected());
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                throw new Xunit.Sdk.XunitException($"Seed {seed}: {error}");
            }
        }

        // A test of nothing would pass as well.
        Assert.True(plans > count / 3 && paths > count, $"{plans} plans of {paths} paths");
    }
}
