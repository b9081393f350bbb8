using System.Globalization;

namespace NixStore.Engine.Generations;

/// <summary>What <c>nix-env --delete-generations</c> takes: <c>old</c>, <c>14d</c>, <c>+5</c> or numbers (Nix nix-env.cc:opDeleteGenerations).</summary>
public static class GenerationSpecification
{
    /// <summary>Parses it.</summary>
    /// <param name="words">One word, or several numbers.</param>
    /// <param name="now">The moment that days count back from.</param>
    /// <exception cref="NixStoreException">InvalidGenerationSpecification</exception>
    public static IGenerationSelection Parse(IReadOnlyList<string> words, DateTimeOffset now) => words switch
    {
        ["old"] => new RetentionRules(),
        [[.. var days, 'd']] => new RetentionRules { OlderThan = now.AddDays(-ParseCount(days, words[0])) },
        [['+', .. var count]] => new RetentionRules { KeepLast = ParseCount(count, words[0]) },
        _ => new NamedGenerations([.. words.Select(ParseNumber)], mayBeAbsent: true),
    };

    /// <summary>At least one: to keep none is to remove the current one.</summary>
    private static int ParseCount(string text, string word)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 && (word[^1] != 'd' || count < 700_000)
            ? count : throw Invalid(word);

    private static long ParseNumber(string word)
        => long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Invalid(word);

    private static NixStoreException Invalid(string word) => new("InvalidGenerationSpecification", StoreErrorKind.InvalidArgument,
        $"'{word}' says not which generations to delete.", word, "Write old, a number of days such as 14d, a number to keep such as +5, or numbers of generations.");
}
