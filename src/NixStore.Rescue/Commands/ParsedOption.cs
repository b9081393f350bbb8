using System.CommandLine;

namespace NixStore.Rescue.Commands;

/// <summary>An option whose text the engine parses: what it says of a wrong one is what the user reads.</summary>
internal static class ParsedOption
{
    /// <summary>Makes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">For the help.</param>
    /// <param name="parse">Parses, or raises a <see cref="NixStoreException"/>.</param>
    public static Option<T?> Make<T>(string name, string description, Func<string, T> parse) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            try
            {
                return parse(result.Tokens[0].Value);
            }
            catch (NixStoreException error)
            {
                result.AddError($"{name}: {error.Message} {error.Remedy}");
                return default;
            }
        },
    };
}
