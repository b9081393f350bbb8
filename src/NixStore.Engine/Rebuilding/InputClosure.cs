namespace NixStore.Engine.Rebuilding;

/// <summary>
/// What the builder of a derivation could refer to: its inputs with all that they refer to, and its own outputs
/// (Nix libstore/unix/build/derivation-builder.cc:registerOutputs). A path that its contents mention, but that is not among these, is no
/// reference. Inputs that were collected as garbage are stood in for by what they were made of: they referred to nothing else.
/// </summary>
/// <param name="derivations">The derivations.</param>
/// <param name="referencesOf">The references of a path; null when it is not in the store.</param>
internal sealed class InputClosure(DerivationIndex derivations, Func<StorePath, IReadOnlyCollection<StorePath>?> referencesOf)
{
    /// <summary>Sorts out what is a reference of what was found in the contents of an output.</summary>
    /// <param name="derivation">What made the output.</param>
    /// <param name="found">The mentioned paths.</param>
    /// <param name="isComplete">False when not all that the builder could see is known: then whatever is mentioned counts.</param>
    internal IReadOnlyList<StorePath> Sift(IndexedDerivation derivation, IReadOnlyList<StorePath> found, out bool isComplete)
    {
        var walk = new Walk(derivations, referencesOf, found);
        walk.Meet(derivation.Derivation.Outputs.Values.Select(output => output.Path).OfType<StorePath>());
        walk.AddInputs(derivation.Derivation);
        walk.Run();

        // When every mentioned path was met, the rest does not matter.
        isComplete = walk.Wanted.Count == 0 || (walk.IsComplete && !derivation.Options.SeesMore);
        return isComplete ? [.. found.Where(path => !walk.Wanted.Contains(path))] : found;
    }

    private sealed class Walk(
        DerivationIndex derivations, Func<StorePath, IReadOnlyCollection<StorePath>?> referencesOf, IReadOnlyList<StorePath> found)
    {
        private readonly HashSet<StorePath> _seen = [];
        private readonly Stack<StorePath> _pending = new();

        /// <summary>What was not met yet of what is looked for.</summary>
        internal HashSet<StorePath> Wanted { get; } = [.. found];

        /// <summary>False when something was met that nothing is known of.</summary>
        internal bool IsComplete { get; private set; } = true;

        /// <summary>Counts the outputs themselves as met, but not what they mention: that is the question.</summary>
        internal void Meet(IEnumerable<StorePath> outputs)
        {
            foreach (var output in outputs)
            {
                _seen.Add(output);
                Wanted.Remove(output);
            }
        }

        internal void AddInputs(Derivation derivation)
        {
            foreach (var source in derivation.InputSources)
            {
                Add(source);
            }

            foreach (var (input, names) in derivation.InputDerivations)
            {
                var outputs = derivations.Find(input)?.Derivation.Outputs;
                foreach (var name in names)
                {
                    AddOrMiss(outputs?.GetValueOrDefault(name)?.Path);
                }
            }
        }

        private void AddOutputs(Derivation derivation)
        {
            foreach (var output in derivation.Outputs.Values)
            {
                AddOrMiss(output.Path);
            }
        }

        internal void Run()
        {
            while (Wanted.Count > 0 && _pending.TryPop(out var path))
            {
                if (referencesOf(path) is { } references)
                {
                    foreach (var reference in references)
                    {
                        Add(reference);
                    }

                    continue;
                }

                var makers = derivations.MakersOf(path);
                IsComplete &= makers.Count > 0;

                // A fixed output refers to nothing.
                foreach (var maker in makers.Where(maker => maker.Output.Kind != DerivationOutputKind.Fixed))
                {
                    AddInputs(maker.Maker.Derivation);
                    AddOutputs(maker.Maker.Derivation);
                }
            }
        }

        private void AddOrMiss(StorePath? path)
        {
            if (path is null)
            {
                IsComplete = false;
            }
            else
            {
                Add(path);
            }
        }

        private void Add(StorePath path)
        {
            if (_seen.Add(path))
            {
                Wanted.Remove(path);
                _pending.Push(path);
            }
        }
    }
}
